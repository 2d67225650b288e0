/** A packet on its way through tables: its fields as numbers, by the names that matches have for them. */
import { parseIpv4, parseMac } from '../../packet/address.ts'
import { parseIpv6 } from '../../packet/ipv6-address.ts'

export type FieldInput = number | bigint | string | readonly (number | string)[] | undefined

/** Names that Open vSwitch answers with, of fields that have another here. */
const otherNames: Readonly<Record<string, string>> = {
  ...{ nxm_of_in_port: 'in_port', nxm_of_eth_src: 'eth_src', nxm_of_eth_dst: 'eth_dst' },
  ...{ nxm_of_ip_src: 'ipv4_src', nxm_of_ip_dst: 'ipv4_dst', nxm_of_eth_type: 'eth_type' },
  ...{
    nxm_of_arp_op: 'arp_op',
    nxm_of_arp_spa: 'arp_spa',
    nxm_of_arp_tpa: 'arp_tpa',
    nxm_nx_tun_id: 'tunnel_id',
  },
  ...{ ip_ttl: 'nw_ttl', nxm_nx_ip_ttl: 'nw_ttl' },
}
export const fieldName = (name: string): string => otherNames[name] ?? name

const ports: Readonly<Record<string, number>> = {
  OFPP_IN_PORT: 0xffff_fff8,
  OFPP_TABLE: 0xffff_fff9,
  OFPP_NORMAL: 0xffff_fffa,
  OFPP_FLOOD: 0xffff_fffb,
  OFPP_ALL: 0xffff_fffc,
  OFPP_CONTROLLER: 0xffff_fffd,
  OFPP_LOCAL: 0xffff_fffe,
  OFPP_ANY: 0xffff_ffff,
}
/** A port that a register of 16 bits holds: reserved ones have their lower half there. */
export const portOfRegister = (port: number) => (port >= 0xfff8 && port <= 0xffff ? 0xffff_0000 + port : port)
export const inPortNumber = ports['OFPP_IN_PORT']!
export const controllerNumber = ports['OFPP_CONTROLLER']!

/** What connection tracking says, by the names of ovs-fields(7). */
export const ctBits: Readonly<Record<string, number>> = {
  ...{ new: 1, est: 2, rel: 4, rpl: 8, inv: 16, trk: 32, snat: 64, dnat: 128 },
}

const ofText = (text: string): bigint => {
  const port = ports[text]
  if (port !== undefined) return BigInt(port)
  const mac = parseMac(text)
  if (mac !== null) return BigInt(mac)
  const ipv4 = parseIpv4(text)
  if (ipv4 !== null) return BigInt(ipv4)
  const ipv6 = parseIpv6(text)
  if (ipv6 !== null) return BigInt(`0x${ipv6.toHex()}`)
  return BigInt(text)
}

/** A value as the codec has it. Throws a SyntaxError for what is none. */
export function numberOf(value: FieldInput): bigint {
  if (typeof value === 'bigint') return value
  if (typeof value === 'number') return BigInt(value)
  if (typeof value === 'string') return ofText(value)
  let bits = 0
  for (const one of value ?? [])
    bits |= typeof one === 'number' ? one : (ctBits[one.toLowerCase().replace(/^.*_/, '')] ?? 0)
  return BigInt(bits)
}

const ones = (bits: number) => (1n << BigInt(bits)) - 1n

export class Packet {
  readonly #fields: Map<string, bigint>
  readonly #stack: bigint[]

  constructor(fields: Iterable<readonly [string, bigint]> = [], stack: readonly bigint[] = []) {
    this.#fields = new Map(fields)
    this.#stack = [...stack]
  }

  /** Fields that a packet of its kind does not have are 0. */
  get(name: string): bigint {
    return this.#fields.get(fieldName(name)) ?? 0n
  }

  set(name: string, value: bigint): void {
    this.#fields.set(fieldName(name), value)
  }

  bits(name: string, offset: number, count: number): bigint {
    return (this.get(name) >> BigInt(offset)) & ones(count)
  }

  setBits(name: string, offset: number, count: number, value: bigint): void {
    const mask = ones(count) << BigInt(offset)
    this.set(name, (this.get(name) & ~mask) | ((value << BigInt(offset)) & mask))
  }

  push(value: bigint): void {
    this.#stack.push(value)
  }

  pop(): bigint {
    return this.#stack.pop() ?? 0n
  }

  clone(): Packet {
    return new Packet(this.#fields, this.#stack)
  }

  /** As it leaves a switch: without what only the switch knew of it. */
  outside(): Packet {
    const kept = [...this.#fields].filter(
      ([name]) => !/^(reg\d+|metadata|in_port|ct_\w+|tunnel_id|tun_\w+)$/.test(name),
    )
    return new Packet(kept)
  }

  get fields(): ReadonlyMap<string, bigint> {
    return this.#fields
  }
}
