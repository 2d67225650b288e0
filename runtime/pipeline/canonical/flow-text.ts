/** A flow as one line for problems and differences, in the words of `ovs-ofctl` where they are short. */
import type { Action, Flow, Instruction, Match } from '../flow.ts'

const plain = (value: unknown): string =>
  typeof value === 'bigint' ? `0x${value.toString(16)}` : String(value)

const describeMatch = (match: Match): string =>
  match
    .map(
      ({ field, value, mask }) => `,${field}=${plain(value)}${mask === undefined ? '' : `/${plain(mask)}`}`,
    )
    .join('')

const describeValue = (_: string, value: unknown): unknown =>
  typeof value === 'bigint' ? plain(value) : value instanceof Uint8Array ? value.toHex() : value

const describeAction = ({ type, ...fields }: Action): string =>
  `${type}${JSON.stringify(fields, describeValue)}`

export const describeActions = (actions: readonly Action[]): string => actions.map(describeAction).join(',')

const describeInstruction = (instruction: Instruction): string => {
  if (instruction.type === 'OFPIT_GOTO_TABLE') return `goto_table:${instruction.table_id}`
  if (instruction.type === 'OFPIT_METER') return `meter:${instruction.meter_id}`
  if (instruction.type === 'OFPIT_APPLY_ACTIONS') return describeActions(instruction.actions)
  return JSON.stringify(instruction, describeValue)
}

/** `cookie=0x1 table=3,priority=100,in_port=1 actions=…`; the time-outs only where there are any. */
export function describeFlow(flow: Flow): string {
  const times = `${flow.idle_timeout ? `,idle_timeout=${flow.idle_timeout}` : ''}${flow.hard_timeout ? `,hard_timeout=${flow.hard_timeout}` : ''}`
  const actions = flow.instructions.map(describeInstruction).join(',')
  return `cookie=${plain(flow.cookie)} table=${flow.table},priority=${flow.priority}${times}${describeMatch(flow.match)} actions=${actions || 'drop'}`
}
