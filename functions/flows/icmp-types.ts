/** Types of ICMP messages (RFC 792). */

export const echoReply = 0
export const echoRequest = 8
/** Unreachable, source quench, time exceeded, parameter problem: they quote the packet that they are about. */
export const quotingTypes = [3, 4, 11, 12]
