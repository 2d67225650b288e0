/** Which names mean this machine and no other. */

/** A name or address without port, in lower case; undefined: nothing that a Host header may be. */
export function hostNameOf(hostHeader: string): string | undefined {
  const parts = /^(?:\[([0-9a-f:.]+)\]|([^:[\]]+))(?::\d{1,5})?$/i.exec(hostHeader.trim())
  return (parts?.[1] ?? parts?.[2])?.toLowerCase()
}

const loopbackIpv4 = /^127(?:\.(?:25[0-5]|2[0-4]\d|1?\d?\d)){3}$/
const ipv6Loopbacks = new Set(['::1', '0:0:0:0:0:0:0:1'])

/** Whether a name or address is one of the loopback interface. */
export const isLoopback = (host: string): boolean =>
  host === 'localhost' || loopbackIpv4.test(host) || ipv6Loopbacks.has(host)
