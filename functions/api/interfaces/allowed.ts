/**
 * Allowed addresses as clients write and read them: `10.0.0.100`, `192.168.7.0/24`, `2001:db8::/48`,
 * `10.0.0.100@00:00:5e:00:01:0a`.
 */
import { formatIpv4, formatIpv6, formatMac, parameter, parseIpv4, parseIpv6, parseMac } from 'openvnet'
import {
  type AllowedAddress,
  allowedAddressesMax,
  isVirtualRouterMac,
} from '../../state/allowed-addresses.ts'
import { columnsOf, firstAddressOf, type IpAddress, isIpv4, only, prefixOf } from '../../state/prefixes.ts'

const { parsed } = parameter
const form = /^([\d.a-f:]+)(?:\/(\d{1,3}))?(?:@(.+))?$/i

type Read = AllowedAddress | { readonly problem: string }

function readAddress(text: string): IpAddress | null {
  const ipv6 = text.includes(':') ? parseIpv6(text) : null
  return ipv6 === null ? parseIpv4(text) : formatIpv6(ipv6)
}

export const formatAddress = (address: IpAddress): string => (isIpv4(address) ? formatIpv4(address) : address)

const virtualRouters = { ipv4: '00:00:5e:00:01:xx', ipv6: '00:00:5e:00:02:xx of IPv6' } as const

function readOne(text: string): Read {
  const [, written = '', prefix, hardware] = form.exec(text) ?? []
  const address = readAddress(written)
  const none = {
    problem: `must be addresses, as 10.0.0.1, 10.0.0.0/24 or 2001:db8::/64, and ${text} is none`,
  }
  if (address === null) return none
  const whole = only(address).bits
  const bits = prefix === undefined ? whole : Number(prefix)
  if (bits > whole) return none
  const first = firstAddressOf({ network: address, bits })
  if (first !== address)
    return { problem: `must be network addresses: of ${text} that is ${formatAddress(first)}/${bits}` }
  const family = isIpv4(address) ? 'ipv4' : 'ipv6'
  const mac = hardware === undefined ? null : parseMac(hardware)
  if (hardware !== undefined && (mac === null || !isVirtualRouterMac(mac, [family])))
    return {
      problem: `must have no MAC address but a virtual router's, ${virtualRouters[family]}, and ${text} has`,
    }
  return { ...columnsOf({ network: address, bits }), mac_address: mac }
}

/** Several with commas between them; nothing for none. */
export const allowedAddressList = parsed((text) => {
  const written = text.replace(/\s/g, '')
  const read = written === '' ? [] : written.split(',').map(readOne)
  if (read.length > allowedAddressesMax) return { problem: `must be at most ${allowedAddressesMax}` }
  const wrong = read.find((one) => 'problem' in one)
  if (wrong !== undefined && 'problem' in wrong) return { problem: wrong.problem }
  const distinct = new Map((read as AllowedAddress[]).map((one) => [formatAllowed(one), one]))
  return { value: [...distinct.values()] }
})

export function formatAllowed(allowed: AllowedAddress): string {
  const prefix = prefixOf(allowed)
  const isWhole = prefix.bits === only(prefix.network).bits
  return (
    formatAddress(prefix.network) +
    (isWhole ? '' : `/${prefix.bits}`) +
    (allowed.mac_address === null ? '' : `@${formatMac(allowed.mac_address)}`)
  )
}
