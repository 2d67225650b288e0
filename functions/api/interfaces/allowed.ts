/** Allowed addresses as clients write and read them: `10.0.0.100`, `192.168.7.0/24`, `10.0.0.100@00:00:5e:00:01:0a`. */
import { formatIpv4, formatMac, maskOf, parameter, parseIpv4, parseMac } from 'openvnet'
import {
  type AllowedAddress,
  allowedAddressesMax,
  isVirtualRouterMac,
} from '../../state/allowed-addresses.ts'

const { parsed } = parameter
const form = /^([\d.]+)(?:\/(\d|[12]\d|3[0-2]))?(?:@(.+))?$/

type Read = AllowedAddress | { readonly problem: string }

function readOne(text: string): Read {
  const [, address = '', prefix = '32', hardware] = form.exec(text) ?? []
  const ipv4 = parseIpv4(address)
  if (ipv4 === null) return { problem: `must be addresses, a.b.c.d or a.b.c.d/n, and ${text} is none` }
  const ipv4_prefix = Number(prefix)
  const ipv4_network = (ipv4 & maskOf(ipv4_prefix)) >>> 0
  if (ipv4_network !== ipv4)
    return { problem: `must be network addresses: of ${text} that is ${formatIpv4(ipv4_network)}/${prefix}` }
  const mac = hardware === undefined ? null : parseMac(hardware)
  if (hardware !== undefined && (mac === null || !isVirtualRouterMac(mac)))
    return { problem: `must have no MAC address but a virtual router's, 00:00:5e:00:01:xx, and ${text} has` }
  return { ipv4_network, ipv4_prefix, mac_address: mac }
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

export const formatAllowed = ({ ipv4_network, ipv4_prefix, mac_address }: AllowedAddress): string =>
  formatIpv4(ipv4_network) +
  (ipv4_prefix === 32 ? '' : `/${ipv4_prefix}`) +
  (mac_address === null ? '' : `@${formatMac(mac_address)}`)
