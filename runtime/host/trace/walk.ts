/** The way of a packet through the tables of one switch: what Open vSwitch does with it, as far as flows of ours go. */
import type { Action, Flow, Instruction } from '../../pipeline/flow.ts'
import { type CtVerdict, natted, type SaidConnection, tracked } from './conntrack.ts'
import type { FlowTables } from './flow-tables.ts'
import { controllerNumber, fieldName, inPortNumber, numberOf, type Packet, portOfRegister } from './packet.ts'

/** A table that the packet has come to. */
export interface Step {
  readonly table: number
  /** Undefined: no flow matches, and the packet ends. */
  readonly flow: Flow | undefined
}

export type End =
  | { readonly kind: 'output'; readonly port: number; readonly packet: Packet }
  /** Handed to the function that the flow's cookie names. */
  | { readonly kind: 'punt'; readonly flow: Flow; readonly packet: Packet }
  | { readonly kind: 'drop'; readonly step: Step; readonly reason: string; readonly from: Flow | undefined }

export interface Walked {
  readonly steps: readonly Step[]
  readonly ends: readonly End[]
  /** What could not be followed. */
  readonly notes: readonly string[]
}

export interface WalkOptions {
  readonly tables: FlowTables
  /** What connection tracking is to say, one time after the other; the last again and again. */
  readonly verdicts: readonly CtVerdict[]
  readonly connection?: SaidConnection
  /** What people call a group. */
  readonly groupName?: (id: number) => string
  /** The table that it comes to first; 0 where nothing is said. */
  readonly from?: number
}

/** As Open vSwitch has it (ofproto-dpif-xlate): resubmits of one packet. */
const stepsMax = 4_096
const noTable = 255
const unknownConnection =
  'the connection that the error is about is taken for one that its receiver began, of no protocol: ct_nw_proto, ct_nw_src, ct_nw_dst, ct_tp_src and ct_tp_dst say another'

type Bits = { readonly offset: number; readonly n_bits: number }

/** Where a packet goes on after connection tracking. */
interface Recirculation {
  readonly table: number
  readonly packet: Packet
  /** What has sent it there. */
  readonly flow: Flow | undefined
}

class Walk {
  readonly steps: Step[] = []
  readonly ends: End[] = []
  readonly notes = new Set<string>()
  readonly #options: WalkOptions
  readonly #recirculations: Recirculation[] = []
  #verdict = 0

  constructor(options: WalkOptions) {
    this.#options = options
  }

  async run(packet: Packet): Promise<void> {
    this.#recirculations.push({ table: this.#options.from ?? 0, packet, flow: undefined })
    // A list hands out what is added while it is gone through.
    for (const one of this.#recirculations) await this.#from(one)
  }

  /** Through tables until nothing leads on. Where nothing has come of it, the last step has dropped it. */
  async #from({ table, packet, flow }: Recirculation): Promise<void> {
    const before = this.ends.length + this.#recirculations.length
    const first = this.steps.length
    await this.#through(table, packet)
    const step = this.steps.at(-1)
    if (this.ends.length + this.#recirculations.length > before || step === undefined) return
    this.ends.push({
      kind: 'drop',
      step,
      reason: step.flow === undefined ? 'no flow matches' : 'the flow leads nowhere',
      from: this.steps.length - first > 1 ? this.steps.at(-2)!.flow : flow,
    })
  }

  async #through(first: number, packet: Packet): Promise<void> {
    for (let table: number | undefined = first; table !== undefined; ) {
      if (this.steps.length >= stepsMax)
        return void this.notes.add(`more than ${stepsMax} tables: not followed any further`)
      const known = await this.#options.tables.lookUp(table, packet)
      this.steps.push({ table, flow: known?.flow })
      if (known === undefined) return
      table = await this.#carryOut(known.flow, packet)
    }
  }

  /** Answers the next table. */
  async #carryOut(flow: Flow, packet: Packet): Promise<number | undefined> {
    let next: number | undefined
    for (const instruction of flow.instructions) {
      if (instruction.type === 'OFPIT_GOTO_TABLE') next = instruction.table_id
      else if (!(await this.#instruction(instruction, flow, packet))) return undefined
    }
    return next
  }

  /** False: the packet ends here. */
  async #instruction(instruction: Instruction, flow: Flow, packet: Packet): Promise<boolean> {
    if (instruction.type === 'OFPIT_APPLY_ACTIONS') return this.#actions(instruction.actions, flow, packet)
    if (instruction.type !== 'OFPIT_METER') this.notes.add(`${instruction.type} is not followed`)
    return true
  }

  async #actions(actions: readonly Action[], flow: Flow, packet: Packet): Promise<boolean> {
    for (const action of actions) if (!(await this.#action(action, flow, packet))) return false
    return true
  }

  async #action(action: Action, flow: Flow, packet: Packet): Promise<boolean> {
    if (change(action, packet)) return true
    switch (action.type) {
      case 'OFPAT_OUTPUT':
        this.#output(Number(numberOf(action['port'] as string)), flow, packet)
        return true
      case 'NXAST_OUTPUT_REG': {
        const { offset, n_bits } = action['ofs_nbits'] as Bits
        this.#output(portOfRegister(Number(packet.bits(String(action['src']), offset, n_bits))), flow, packet)
        return true
      }
      case 'NXAST_CONTROLLER':
      case 'NXAST_CONTROLLER2':
        this.ends.push({ kind: 'punt', flow, packet: packet.clone() })
        return true
      case 'NXAST_RESUBMIT_TABLE':
        await this.#through(Number(action['table']), packet)
        return true
      case 'NXAST_CLONE':
        await this.#actions(action['actions'] as readonly Action[], flow, packet.clone())
        return true
      case 'OFPAT_GROUP':
        await this.#group(Number(action['group_id']), flow, packet)
        return true
      case 'NXAST_CT':
        this.#conntrack(action, flow, packet)
        return true
      case 'OFPAT_DEC_NW_TTL':
        return this.#decrementTtl(flow, packet)
      default:
        if (!withoutEffect.has(action.type)) this.notes.add(`${action.type} is not followed`)
        return true
    }
  }

  /** Of a group that chooses, the first that may be chosen is taken: Open vSwitch chooses by a hash of the packet. */
  async #group(id: number, flow: Flow, packet: Packet): Promise<void> {
    const { tables, groupName = String } = this.#options
    const group = tables.group(id)
    if (group === undefined) return void this.notes.add(`there is no group ${groupName(id)}`)
    const { type, buckets } = group
    const usable = buckets.filter(({ weight }) => type === 'OFPGT_ALL' || weight !== 0)
    const taken = type === 'OFPGT_ALL' ? usable : usable.slice(0, 1)
    if (type === 'OFPGT_SELECT' && usable.length > 1)
      this.notes.add(`group ${groupName(id)} chooses among ${usable.length}: the first is followed`)
    for (const { actions } of taken) await this.#actions(actions, flow, packet.clone())
  }

  #output(port: number, flow: Flow, packet: Packet): void {
    if (port === controllerNumber) this.ends.push({ kind: 'punt', flow, packet: packet.clone() })
    else if (port === inPortNumber) this.#out(Number(packet.get('in_port')), packet)
    // Open vSwitch sends nothing back out of the port that it came from, unless it is told so.
    else if (BigInt(port) !== packet.get('in_port')) this.#out(port, packet)
  }

  #out(port: number, packet: Packet): void {
    this.ends.push({ kind: 'output', port, packet: packet.clone() })
  }

  #conntrack(action: Action, flow: Flow, packet: Packet): void {
    const nested = action['actions'] as readonly Action[]
    const { verdicts } = this.#options
    const table = action['recirc_table']
    if (typeof table !== 'number' || table === noTable) return
    const verdict = verdicts[Math.min(this.#verdict++, verdicts.length - 1)]!
    const zone = action['zone'] as number | ({ readonly src: string } & Bits)
    const number = typeof zone === 'number' ? BigInt(zone) : packet.bits(zone.src, zone.offset, zone.n_bits)
    const { connection = new Map() } = this.#options
    if (verdict === 'rel' && !connection.has('ct_nw_proto')) this.notes.add(unknownConnection)
    const on = tracked(packet, number, verdict, connection)
    for (const one of nested)
      if (one.type === 'NXAST_NAT') natted(on, one, verdict)
      else change(one, on)
    this.#recirculations.push({ table, packet: on, flow })
  }

  #decrementTtl(flow: Flow, packet: Packet): boolean {
    const ttl = packet.get('nw_ttl')
    if (ttl > 1n) {
      packet.set('nw_ttl', ttl - 1n)
      return true
    }
    this.ends.push({
      kind: 'drop',
      step: { table: flow.table, flow },
      reason: 'its time to live is over',
      from: flow,
    })
    return false
  }
}

/** What changes nothing of the packet's way. */
const withoutEffect = new Set(['NXAST_NOTE', 'NXAST_LEARN', 'OFPAT_SET_QUEUE', 'NXAST_FIN_TIMEOUT'])

const vlanPresent = 0x1000n

/** Actions that only change fields; false: this is another. */
function change(action: Action, packet: Packet): boolean {
  switch (action.type) {
    case 'OFPAT_SET_FIELD': {
      const { field, value } = action['field'] as { field: string; value: string | number | bigint }
      const name = fieldName(field)
      packet.set(name, numberOf(value))
      return true
    }
    case 'NXAST_REG_LOAD': {
      const { offset, n_bits } = action['ofs_nbits'] as Bits
      packet.setBits(String(action['dst']), offset, n_bits, numberOf(action['value'] as bigint))
      return true
    }
    case 'NXAST_REG_MOVE': {
      const count = Number(action['n_bits'])
      const value = packet.bits(String(action['src']), Number(action['src_ofs']), count)
      packet.setBits(String(action['dst']), Number(action['dst_ofs']), count, value)
      return true
    }
    case 'NXAST_STACK_PUSH':
      packet.push(packet.bits(String(action['field']), Number(action['offset']), Number(action['n_bits'])))
      return true
    case 'NXAST_STACK_POP':
      packet.setBits(
        String(action['field']),
        Number(action['offset']),
        Number(action['n_bits']),
        packet.pop(),
      )
      return true
    case 'NXAST_CHECK_PKT_LARGER': {
      const isLarger = packet.get('pkt_len') > BigInt(Number(action['pkt_len']))
      packet.setBits(String(action['dst']), Number(action['offset']), 1, isLarger ? 1n : 0n)
      return true
    }
    case 'NXAST_CT_CLEAR':
      for (const name of ['ct_state', 'ct_zone', 'ct_mark', 'ct_label']) packet.set(name, 0n)
      return true
    case 'NXAST_LEARN2':
      learn(action, packet)
      return true
    case 'OFPAT_PUSH_VLAN':
      packet.set('vlan_vid', vlanPresent)
      return true
    case 'OFPAT_POP_VLAN':
      packet.set('vlan_vid', 0n)
      return true
    default:
      return false
  }
}

/** Nothing is learned; where a register is to tell whether there was room, there was. */
function learn(action: Action, packet: Packet): void {
  const target = action['result_dst']
  if (typeof target === 'string') packet.setBits(target, Number(action['result_dst_ofs']), 1, 1n)
}

/** Follows a packet to all of its ends in this switch. */
export async function walk(packet: Packet, options: WalkOptions): Promise<Walked> {
  const way = new Walk(options)
  await way.run(packet.clone())
  return { steps: way.steps, ends: way.ends, notes: [...way.notes] }
}
