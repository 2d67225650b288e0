/** Parameters of DNS services and their records. */
import {
  canonicalDnsName,
  canonicalRecordName,
  formatIpv4,
  formatIpv6,
  parameter,
  parseIpv4,
  parseIpv6,
} from 'openvnet'
import { publicServersMax } from '../../state/dns.ts'

const { parsed } = parameter

/** Of one machine, which anyone may ask: no group, no network, no link's own. */
function serverText(text: string): string | null {
  const ipv4 = parseIpv4(text)
  if (ipv4 !== null) return ipv4 >>> 24 !== 0 && ipv4 >>> 28 < 0xe ? formatIpv4(ipv4) : null
  const ipv6 = parseIpv6(text)
  if (ipv6 === null || ipv6.every((byte) => byte === 0) || ipv6[0] === 0xff) return null
  return ipv6[0] === 0xfe && (ipv6[1]! & 0xc0) === 0x80 ? null : formatIpv6(ipv6)
}

/** `8.8.8.8, 2001:4860:4860::8888` → `8.8.8.8,2001:4860:4860::8888`; nothing for nobody. */
export const publicDns = parsed((text) => {
  const written = text.replace(/\s/g, '')
  if (written === '') return { value: null }
  const addresses = written.split(',').map(serverText)
  if (addresses.length > publicServersMax) return { problem: `must be at most ${publicServersMax} addresses` }
  return addresses.includes(null)
    ? { problem: 'must be IPv4 or IPv6 addresses of machines with commas between them' }
    : { value: addresses.join(',') }
})

export const dnsName = parsed((text) =>
  canonicalDnsName(text) === null
    ? {
        problem: 'must be a name: labels of letters, digits, hyphens and underscores, with dots between them',
      }
    : { value: text },
)

/** The name of a record, whose first label may be `*`. */
export const recordName = parsed((text) =>
  canonicalRecordName(text) === null
    ? {
        problem:
          'must be a name: labels of letters, digits, hyphens and underscores, with dots between them; the first may be *',
      }
    : { value: text },
)

export const ipv6 = parsed((text) => {
  const address = parseIpv6(text)
  return address === null ? { problem: 'must be an IPv6 address' } : { value: formatIpv6(address) }
})
