/** Packets as people write them: `icmp,ipv4_dst=10.0.0.12`, `tcp,dst_port=80`, `arp,arp_tpa=10.0.0.2`. */
import { argumentError } from '../../http/errors.ts'
import { formatIpv4, formatMac } from '../../packet/address.ts'
import { etherType } from '../../packet/ethernet.ts'
import { formatIpv6 } from '../../packet/ipv6-address.ts'
import { headerFields, isHeader } from '../../pipeline/fields.ts'
import { ctBits, numberOf, type Packet } from './packet.ts'

const textLengthMax = 2_000
const vlanPresent = 0x1000n
const ipv4 = { eth_type: BigInt(etherType.ipv4) }
const ipv6 = { eth_type: BigInt(etherType.ipv6) }

/** Words that stand for fields. */
const words: Readonly<Record<string, Readonly<Record<string, bigint>>>> = {
  ...{ ip: ipv4, ipv4, ipv6, arp: { eth_type: BigInt(etherType.arp) } },
  icmp: { ...ipv4, ip_proto: 1n, icmpv4_type: 8n, icmpv4_code: 0n },
  tcp: { ...ipv4, ip_proto: 6n },
  udp: { ...ipv4, ip_proto: 17n },
  icmp6: { ...ipv6, ip_proto: 58n, icmpv6_type: 128n, icmpv6_code: 0n },
  icmpv6: { ...ipv6, ip_proto: 58n, icmpv6_type: 128n, icmpv6_code: 0n },
  tcp6: { ...ipv6, ip_proto: 6n },
  udp6: { ...ipv6, ip_proto: 17n },
}

/** Other names of fields, by the protocol where that decides. */
const aliases: Readonly<Record<string, string>> = {
  ...{ dl_src: 'eth_src', dl_dst: 'eth_dst', dl_type: 'eth_type', nw_proto: 'ip_proto' },
  ...{ nw_src: 'ipv4_src', nw_dst: 'ipv4_dst', ip_src: 'ipv4_src', ip_dst: 'ipv4_dst' },
  ...{
    ttl: 'nw_ttl',
    length: 'pkt_len',
    vlan: 'vlan_vid',
    icmp_type: 'icmpv4_type',
    icmp_code: 'icmpv4_code',
  },
}
const sides: Readonly<Record<string, 'src' | 'dst'>> = { src: 'src', dst: 'dst' }
const portNames: Readonly<Record<string, 'src' | 'dst'>> = {
  ...{ src_port: 'src', dst_port: 'dst', tp_src: 'src', tp_dst: 'dst' },
}
/** What a switch alone gives a packet. */
const ofSwitches = new Set(['in_port', 'tunnel_id', 'tun_src', 'tun_dst', 'ct_state', 'ct_zone', 'ct_mark'])

function nameOf(written: string, fields: ReadonlyMap<string, bigint>): string {
  const isIpv6 = fields.get('eth_type') === ipv6.eth_type
  const side = sides[written]
  if (side !== undefined) return `${isIpv6 ? 'ipv6' : 'ipv4'}_${side}`
  const port = portNames[written]
  if (port !== undefined) return `${fields.get('ip_proto') === 17n ? 'udp' : 'tcp'}_${port}`
  const name = aliases[written] ?? written
  if (name === 'pkt_len' || (isHeader(name) && !ofSwitches.has(name))) return name
  const known = Object.keys(headerFields).filter((one) => !ofSwitches.has(one))
  throw argumentError(
    `packet: there is no field ${written}; there are ${[...Object.keys(words), ...known, 'pkt_len'].join(', ')}`,
  )
}

function fieldValueOf(name: string, written: string): bigint {
  try {
    const value = numberOf(written)
    // A VLAN is said by its id; the switch has another bit for its being there.
    if (name === 'vlan_vid' && value > 0n && value < vlanPresent) return value | vlanPresent
    if (value >= 0n && (!isHeader(name) || value < 1n << BigInt(headerFields[name].bits))) return value
  } catch {
    // Told below.
  }
  throw argumentError(`packet: ${name} cannot be ${JSON.stringify(written)}`)
}

/** Fields in the order in which they are written; later ones count. Throws ApiError. */
export function parsePacket(text: string): Map<string, bigint> {
  if (text.length > textLengthMax) throw argumentError(`packet: longer than ${textLengthMax} characters`)
  const parts = text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
  const fields = new Map<string, bigint>()
  for (const part of parts)
    if (Object.hasOwn(words, part))
      for (const [name, value] of Object.entries(words[part]!)) fields.set(name, value)
  for (const part of parts) {
    if (Object.hasOwn(words, part)) continue
    const at = part.indexOf('=')
    if (at === -1)
      throw argumentError(
        `packet: what is ${part}? There are ${Object.keys(words).join(', ')}, and fields like ipv4_dst=10.0.0.1`,
      )
    const name = nameOf(part.slice(0, at), fields)
    fields.set(name, fieldValueOf(name, part.slice(at + 1)))
  }
  if (!fields.has('eth_type')) inferType(fields)
  return fields
}

/** `ipv4_dst=…` alone is a ping; anything else says what it is. */
function inferType(fields: Map<string, bigint>): void {
  const names = [...fields.keys()]
  const word = names.some((name) => name.startsWith('arp_'))
    ? 'arp'
    : names.some((name) => name.startsWith('tcp_'))
      ? 'tcp'
      : names.some((name) => name.startsWith('udp_'))
        ? 'udp'
        : names.some((name) => name.startsWith('ipv6_'))
          ? 'icmp6'
          : names.some((name) => name.startsWith('ipv4_'))
            ? 'icmp'
            : undefined
  if (word === undefined)
    throw argumentError(`packet: of which kind? Say ${Object.keys(words).join(', ')}, or eth_type`)
  for (const [name, value] of Object.entries(words[word]!)) if (!fields.has(name)) fields.set(name, value)
}

function shown(name: string, value: bigint): string {
  const kind = isHeader(name) ? headerFields[name].kind : 'number'
  if (kind === 'mac') return formatMac(Number(value))
  if (kind === 'ipv4') return formatIpv4(Number(value))
  if (kind === 'ipv6') return formatIpv6(Uint8Array.fromHex(value.toString(16).padStart(32, '0')))
  if (name === 'vlan_vid') return String(value & ~vlanPresent)
  if (name === 'eth_type') return `0x${value.toString(16)}`
  if (kind === 'bits')
    return Object.entries(ctBits)
      .filter(([, bit]) => (value & BigInt(bit)) !== 0n)
      .map(([word]) => word)
      .join('|')
  return String(value)
}

const kindWords = Object.entries(words).filter(([word]) => !['ipv4', 'icmpv6'].includes(word))

/** The word that says most of what a packet is. */
function wordOf(packet: Pick<Packet, 'get'>): [string, ReadonlySet<string>] | undefined {
  const fitting = kindWords.filter(([, fields]) =>
    ['eth_type', 'ip_proto'].every((name) => fields[name] === undefined || fields[name] === packet.get(name)),
  )
  const [word, fields] =
    fitting.sort(([, a], [, b]) => Object.keys(b).length - Object.keys(a).length)[0] ?? []
  return word === undefined
    ? undefined
    : [word, new Set(['eth_type', 'ip_proto'].filter((name) => fields![name] !== undefined))]
}

/** `icmp,eth_src=…,ipv4_src=…`: the packet itself, and what a tunnel has put around it. */
export function packetText(packet: Packet): string {
  const known = wordOf(packet)
  const names = [...Object.keys(headerFields), 'pkt_len'].filter((name) => !/^(in_port|ct_)/.test(name))
  const parts = names.flatMap((name) => {
    const value = packet.fields.get(name)
    const isSaid = known?.[1].has(name) === true
    return value === undefined || isSaid || (value === 0n && /^(vlan|tun)/.test(name))
      ? []
      : [`${name}=${shown(name, value)}`]
  })
  return [...(known === undefined ? [] : [known[0]]), ...parts].join(',')
}
