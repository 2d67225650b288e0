/** Flows and meters in the syntax of ovs-ofctl(8): an oracle that shares no code with our codec. */
import type { Action, Flow, Instruction, MatchField, Meter } from '../../runtime/pipeline/flow.ts'

type Bits = { readonly offset: number; readonly n_bits: number }

const shown = (value: unknown) =>
  typeof value === 'bigint' || typeof value === 'number' ? `0x${value.toString(16)}` : String(value)
/** Where ovs-ofctl has another name for a field. */
const names: Readonly<Record<string, string>> = {
  ipv4_src: 'ip_src',
  ipv4_dst: 'ip_dst',
  icmpv4_type: 'icmp_type',
  icmpv4_code: 'icmp_code',
  tunnel_id: 'tun_id',
}
/** What is Nicira's is in capitals. */
const nameOf = (field: unknown) =>
  names[String(field)] ?? String(field).replace(/^nxm_.*/, (name) => name.toUpperCase())

const port = (value: unknown) => (typeof value === 'string' ? value.replace('OFPP_', '') : String(value))
const range = (field: unknown, offset: number, bits: number) =>
  `${nameOf(field)}[${offset}..${offset + bits - 1}]`

function matchText({ field, value, mask }: MatchField): string {
  if (field === 'in_port') return `in_port=${port(value)}`
  return `${nameOf(field)}=${shown(value)}${mask === undefined ? '' : `/${shown(mask)}`}`
}

interface LearnPart {
  readonly n_bits: number
  readonly to: 'match' | 'load'
  readonly src?: { readonly field: string; readonly offset: number }
  readonly value?: Uint8Array
  readonly dst: { readonly field: string; readonly offset: number }
}

function learnText(action: Action): string {
  const part = ({ field, offset }: LearnPart['dst'], bits: number) =>
    field.startsWith('nxm_') ? `${field.toUpperCase()}[]` : range(field, offset, bits)
  const specs = (action['specs'] as readonly LearnPart[]).map(({ n_bits, to, src, value, dst }) => {
    const from = src === undefined ? `0x${value!.toHex()}` : part(src, n_bits)
    return to === 'match' ? `${part(dst, n_bits)}=${from}` : `load:${from}->${part(dst, n_bits)}`
  })
  return `learn(${[
    `table=${action['table_id']}`,
    `idle_timeout=${action['idle_timeout']}`,
    `hard_timeout=${action['hard_timeout']}`,
    `priority=${action['priority']}`,
    `cookie=${shown(action['cookie'])}`,
    `limit=${action['limit']}`,
    'delete_learned',
    `result_dst=${action['result_dst']}[${action['result_dst_ofs']}]`,
    ...specs,
  ].join(',')})`
}

function actionText(action: Action): string {
  const bits = action['ofs_nbits'] as Bits
  switch (action.type) {
    case 'OFPAT_OUTPUT':
      return action['port'] === 'OFPP_IN_PORT' ? 'in_port' : `output:${port(action['port'])}`
    case 'OFPAT_SET_FIELD': {
      const { field, value } = action['field'] as MatchField
      return `set_field:${shown(value)}->${nameOf(field)}`
    }
    case 'NXAST_REG_LOAD':
      return `load:${shown(action['value'])}->${range(action['dst'], bits.offset, bits.n_bits)}`
    case 'NXAST_REG_MOVE': {
      const count = Number(action['n_bits'])
      const from = range(action['src'], Number(action['src_ofs']), count)
      return `move:${from}->${range(action['dst'], Number(action['dst_ofs']), count)}`
    }
    case 'NXAST_OUTPUT_REG':
      return `output:${range(action['src'], bits.offset, bits.n_bits)}`
    case 'NXAST_RESUBMIT_TABLE':
      return `resubmit(,${action['table']})`
    case 'NXAST_STACK_PUSH':
      return `push:${range(action['field'], Number(action['offset']), Number(action['n_bits']))}`
    case 'NXAST_STACK_POP':
      return `pop:${range(action['field'], Number(action['offset']), Number(action['n_bits']))}`
    case 'OFPAT_PUSH_VLAN':
      return `push_vlan:${shown(action['ethertype'])}`
    case 'OFPAT_POP_VLAN':
      return 'pop_vlan'
    case 'OFPAT_DEC_NW_TTL':
      return 'dec_ttl'
    case 'NXAST_CHECK_PKT_LARGER':
      return `check_pkt_larger(${action['pkt_len']})->${nameOf(action['dst'])}[${action['offset']}]`
    case 'NXAST_CONTROLLER2': {
      const properties = action['properties'] as readonly { type: string; meter_id?: number }[]
      const meter = properties.find(({ type }) => type === 'NXAC2PT_METER_ID')?.meter_id
      return `controller(max_len=65535,meter_id=${meter})`
    }
    case 'NXAST_LEARN2':
      return learnText(action)
    default:
      throw new TypeError(`no text for ${action.type}`)
  }
}

function instructionText(instruction: Instruction): string {
  switch (instruction.type) {
    case 'OFPIT_GOTO_TABLE':
      return `goto_table:${instruction.table_id}`
    case 'OFPIT_APPLY_ACTIONS':
      return instruction.actions.map(actionText).join(',')
    case 'OFPIT_METER':
      return `meter:${instruction.meter_id}`
    default:
      throw new TypeError(`no text for ${instruction.type}`)
  }
}

/** A line for `ovs-ofctl add-flows`. */
export function ofctlFlow({ table, priority, cookie, match, instructions }: Flow): string {
  const head = [
    `cookie=0x${cookie.toString(16)}`,
    `table=${table}`,
    `priority=${priority}`,
    ...match.map(matchText),
  ]
  return `${head.join(',')},actions=${instructions.length === 0 ? 'drop' : instructions.map(instructionText).join(',')}`
}

/** The argument of `ovs-ofctl add-meter`. */
export function ofctlMeter({ meter_id, bands }: Meter): string {
  const texts = bands.map(({ rate, burst_size }) => `type=drop,rate=${rate},burst_size=${burst_size}`)
  return `meter=${meter_id},pktps,burst,band=${texts.join(',')}`
}
