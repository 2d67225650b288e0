/** Flows as text with the names of tables, fields and marks: one line each, for people and golden tests. */
import type { Table } from './declare.ts'
import { bitsOf as headerBits, headerFields, headerValue, isHeader } from './fields.ts'
import type { Action, Flow, Instruction, MatchField } from './flow.ts'
import type { RegisterField, Registers } from './registers.ts'

/** What is needed of a pipeline to read its flows. */
export interface Names {
  readonly registers: Registers
  readonly tables: Readonly<Record<string, Table>>
  /** The object that a register, a field or a group (`group`) speaks of, in flows of a table; undefined: none is known. */
  readonly objectOf?: (name: string, value: number, table?: string) => string | undefined
}

const shown = (value: unknown) => (typeof value === 'bigint' ? value.toString() : String(value))

/** A value of a header field, or of what is called like that, as people write it. */
function valueText(names: Names, name: string, value: unknown): string {
  if (typeof value !== 'bigint' && typeof value !== 'number') return shown(value)
  const kind = isHeader(name) ? headerFields[name].kind : undefined
  if (isHeader(name) && (kind === 'mac' || kind === 'ipv4')) return String(headerValue(name, Number(value)))
  return names.objectOf?.(name, Number(value)) ?? shown(value)
}

const ethernetTypes: Readonly<Record<number, string>> = { 2048: 'ip', 2054: 'arp', 34525: 'ipv6' }
const protocols: Readonly<Record<number, string>> = { 1: 'icmp', 6: 'tcp', 17: 'udp', 58: 'icmp6' }

function registerFields(names: Names, register: number): [string, RegisterField][] {
  return Object.entries(names.registers).filter(([, field]) => field.bits[0] === register)
}

function markOf(names: Names, name: string, field: RegisterField, value: number): string {
  const mark = Object.entries(field.values ?? {}).find(([, marked]) => marked === value)
  return mark?.[0] ?? names.objectOf?.(name, value) ?? String(value)
}

/** Bits `from` to `to` of a word, as a number. */
const bitsOf = (word: number, from: number, to: number) => Math.floor(word / 2 ** from) % 2 ** (to - from + 1)

/** How many of so many bits a mask has from the left; 0 where it has others, too. */
function prefixOf(mask: number, width: number): number {
  const rest = 2 ** width - mask
  return Number.isInteger(Math.log2(rest)) ? width - Math.log2(rest) : 0
}

/** The named fields that a match of a register is made of, whole or by a prefix; other bits as they are. */
function registerText(names: Names, register: number, { value, mask }: MatchField): string[] {
  const word = Number(value)
  const mask32 = mask === undefined ? 0xffff_ffff : Number(mask)
  const parts: string[] = []
  let named = 0
  for (const [name, field] of registerFields(names, register)) {
    const [, from, to] = field.bits
    const bits = bitsOf(mask32, from, to)
    const prefix = prefixOf(bits, to - from + 1)
    if (prefix === 0) continue
    named += bits * 2 ** from
    const mark = markOf(names, name, field, bitsOf(word, from, to))
    parts.push(prefix > to - from ? `${name}=${mark}` : `${name}=${mark}/${prefix}`)
  }
  return named === mask32
    ? parts
    : [...parts, `reg${register}=0x${word.toString(16)}/0x${mask32.toString(16)}`]
}

function portText(port: unknown): string {
  return typeof port === 'string' ? port.replace('OFPP_', '').toLowerCase() : shown(port)
}

function fieldText(names: Names, field: MatchField): string[] {
  const register = /^reg(\d+)$/.exec(field.field)
  if (register !== null) return registerText(names, Number(register[1]), field)
  if (field.field === 'in_port') return [`in_port=${portText(field.value)}`]
  const name = field.field === 'eth_type' ? ethernetTypes : field.field === 'ip_proto' ? protocols : undefined
  if (name?.[Number(field.value)] !== undefined) return [name[Number(field.value)]!]
  const value = field.mask === undefined ? valueText(names, field.field, field.value) : shown(field.value)
  return [`${field.field}=${value}${field.mask === undefined ? '' : `/${shown(field.mask)}`}`]
}

function placeName(names: Names, field: string, offset: number): string {
  if (field.startsWith('nxm_of_')) return field.slice('nxm_of_'.length)
  const register = /^reg(\d+)$/.exec(field)
  const found =
    register && registerFields(names, Number(register[1])).find(([, { bits }]) => bits[1] === offset)
  return found ? found[0] : field
}

const tableName = (names: Names, id: unknown) =>
  Object.entries(names.tables).find(([, table]) => table.id === id)?.[0] ?? String(id)

type Bits = { readonly offset: number; readonly n_bits: number }

interface LearnPart {
  readonly to: string
  readonly src?: { readonly field: string; readonly offset: number }
  readonly value?: Uint8Array
  readonly dst?: { readonly field: string; readonly offset: number }
}

/** `learn learned(network=network, eth_dst=eth_src → outPort=3)`. */
function learnText(names: Names, action: Action): string {
  const nameOf = ({ field, offset }: { readonly field: string; readonly offset: number }) =>
    placeName(names, field.replace('nxm_of_', ''), offset)
  const parts = (kind: string) =>
    (action['specs'] as readonly LearnPart[])
      .filter(({ to }) => to === kind)
      .map(({ src, value, dst }) => {
        const name = nameOf(dst!)
        if (src !== undefined) return `${name}=${nameOf(src)}`
        const number = value!.reduce((sum, byte) => sum * 256 + byte, 0)
        const field = names.registers[name]
        return `${name}=${field === undefined ? valueText(names, name, number) : markOf(names, name, field, number)}`
      })
  return `learn ${tableName(names, action['table_id'])}(${parts('match').join(', ')} → ${parts('load').join(', ')})`
}

/** `conntrack zone=7 (commit, source=10.0.0.1), then toVerdict`. */
function conntrackText(names: Names, action: Action): string {
  const zone = action['zone'] as number | { readonly src: string; readonly offset: number }
  const zoneText = typeof zone === 'number' ? zone : placeName(names, zone.src, zone.offset)
  const does = [
    ...((action['flags'] as readonly unknown[]).includes('NX_CT_F_COMMIT') ? ['commit'] : []),
    ...(action['actions'] as readonly Action[]).map((one) =>
      one.type === 'NXAST_NAT' ? translationText(one) : actionText(names, one),
    ),
  ]
  const table = action['recirc_table']
  const then = typeof table === 'number' ? `, then ${tableName(names, table)}` : ''
  return `conntrack zone=${zoneText}${does.length === 0 ? '' : ` (${does.join(', ')})`}${then}`
}

function translationText(action: Action): string {
  const flags = action['flags'] as readonly unknown[]
  const addresses = [action['ipv4_min'] ?? action['ipv6_min'], action['ipv4_max'] ?? action['ipv6_max']]
  const ports = [action['proto_min'], action['proto_max']]
  const range = [addresses, ports].map((ends) => ends.filter((end) => end !== undefined).join('-'))
  if (range.every((text) => text === '')) return 'translate as known'
  return `${flags.includes('NX_NAT_F_SRC') ? 'source' : 'destination'}=${range.filter((text) => text !== '').join(':')}`
}

/** The few actions that steps compile to; any other by its name and fields. */
function actionText(names: Names, action: Action): string {
  switch (action.type) {
    case 'OFPAT_SET_FIELD': {
      const { field, value } = action['field'] as MatchField
      return `${field}=${valueText(names, field, value)}`
    }
    case 'NXAST_REG_LOAD': {
      const { offset } = action['ofs_nbits'] as Bits
      const name = placeName(names, String(action['dst']), offset)
      const field = names.registers[name]
      return `${name}=${field === undefined ? valueText(names, name, action['value']) : markOf(names, name, field, Number(action['value']))}`
    }
    case 'NXAST_REG_MOVE': {
      const [to, from, bits] = [String(action['dst']), String(action['src']), Number(action['n_bits'])]
      const part = isHeader(to) && bits < headerBits(to) ? `[0..${bits - 1}]` : ''
      const target = placeName(names, to, Number(action['dst_ofs']))
      return `${target}${part}=${placeName(names, from, Number(action['src_ofs']))}${part}`
    }
    case 'NXAST_OUTPUT_REG':
      return `output ${placeName(names, String(action['src']), (action['ofs_nbits'] as Bits).offset)}`
    case 'OFPAT_OUTPUT':
      return `output ${portText(action['port'])}`
    case 'NXAST_RESUBMIT_TABLE':
      return `resubmit ${tableName(names, action['table'])}`
    case 'NXAST_CONTROLLER2':
      return 'punt'
    case 'NXAST_CT':
      return conntrackText(names, action)
    case 'OFPAT_GROUP':
      return `group ${valueText(names, 'group', action['group_id'])}`
    case 'NXAST_CT_CLEAR':
      return 'forget connection'
    case 'OFPAT_PUSH_VLAN':
      return 'push vlan'
    case 'OFPAT_POP_VLAN':
      return 'pop vlan'
    case 'NXAST_LEARN2':
      return learnText(names, action)
    case 'NXAST_STACK_PUSH':
      return `push ${placeName(names, String(action['field']), Number(action['offset']))}`
    case 'NXAST_STACK_POP':
      return `pop ${placeName(names, String(action['field']), Number(action['offset']))}`
    case 'OFPAT_DEC_NW_TTL':
      return 'decrement nw_ttl'
    case 'NXAST_CHECK_PKT_LARGER':
      return `${placeName(names, String(action['dst']), Number(action['offset']))}=larger than ${action['pkt_len']}`
    default:
      return JSON.stringify(action, (_, value) => (typeof value === 'bigint' ? shown(value) : value))
  }
}

function instructionText(names: Names, instruction: Instruction): string {
  switch (instruction.type) {
    case 'OFPIT_GOTO_TABLE':
      return `goto ${tableName(names, instruction.table_id)}`
    case 'OFPIT_APPLY_ACTIONS':
      return instruction.actions.map((action) => actionText(names, action)).join(', ')
    case 'OFPIT_METER':
      return `meter ${instruction.meter_id}`
    default:
      return JSON.stringify(instruction, (_, value) => (typeof value === 'bigint' ? shown(value) : value))
  }
}

/** What a flow matches, `*` for everything, and what it does, `drop` for nothing. */
export function flowParts(given: Names, flow: Flow): { readonly match: string; readonly actions: string } {
  const table = tableName(given, flow.table)
  const { objectOf } = given
  const names: Names =
    objectOf === undefined ? given : { ...given, objectOf: (name, value) => objectOf(name, value, table) }
  const match = flow.match.flatMap((field) => fieldText(names, field))
  const does = flow.instructions.map((instruction) => instructionText(names, instruction))
  return { match: match.join(' ') || '*', actions: does.join(', ') || 'drop' }
}

/** `destination 100 network=7 eth_dst=02:00:00:00:00:01 → outPort=3, goto output`; a flow without an action drops. */
export function flowText(names: Names, flow: Flow): string {
  const { match, actions } = flowParts(names, flow)
  return `${tableName(names, flow.table)} ${flow.priority} ${match} → ${actions}`
}

/** Every flow in a line, in the order in which a switch looks at them. */
export function flowsText(names: Names, flows: readonly Flow[]): string {
  const lines = flows.map((flow) => ({ flow, text: flowText(names, flow) }))
  lines.sort(
    (a, b) => a.flow.table - b.flow.table || b.flow.priority - a.flow.priority || (a.text < b.text ? -1 : 1),
  )
  return lines.map(({ text }) => text).join('\n')
}
