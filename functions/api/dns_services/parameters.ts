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

const isServer = (address: number | null): address is number =>
  address !== null && address >>> 24 !== 0 && address >>> 28 < 0xe

/** `8.8.8.8, 8.8.4.4` → `8.8.8.8,8.8.4.4`; nothing for nobody. */
export const publicDns = parsed((text) => {
  const written = text.replace(/\s/g, '')
  if (written === '') return { value: null }
  const addresses = written.split(',').map(parseIpv4)
  if (addresses.length > publicServersMax) return { problem: `must be at most ${publicServersMax} addresses` }
  if (!addresses.every(isServer)) return { problem: 'must be IPv4 addresses with commas between them' }
  return { value: addresses.map(formatIpv4).join(',') }
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
