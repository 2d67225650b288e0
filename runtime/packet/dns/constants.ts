/** Numbers of DNS (RFC 1035, 3.2 and 4.1.1; RFC 3596, RFC 6891). */
export const dnsPort = 53

export const dnsType = {
  a: 1,
  ns: 2,
  cname: 5,
  soa: 6,
  ptr: 12,
  aaaa: 28,
  opt: 41,
  ixfr: 251,
  axfr: 252,
  any: 255,
} as const

export const dnsClass = { internet: 1, any: 255 } as const

export const dnsOpcode = { query: 0 } as const

export const dnsCode = {
  noError: 0,
  formatError: 1,
  serverFailure: 2,
  nameError: 3,
  notImplemented: 4,
  refused: 5,
  /** Only with EDNS: its upper bits are in the OPT record. */
  badVersion: 16,
} as const

/** Bits of the header's third and fourth byte. */
export const dnsFlag = {
  response: 0x8000,
  authoritative: 0x0400,
  truncated: 0x0200,
  recursionDesired: 0x0100,
  recursionAvailable: 0x0080,
  authenticData: 0x0020,
  checkingDisabled: 0x0010,
} as const

export const dnsHeaderLength = 12
/** Of a message to who says nothing about it (RFC 1035, 2.3.4). */
export const plainDnsLengthMax = 512
/** Crosses every path without fragments, in tunnels too (RFC 9715, 3.1). */
export const dnsLengthMax = 1_232
/** Over TCP, of what we say at once; whoever answers at greater length is cut short. */
export const dnsTcpLengthMax = 16_384
