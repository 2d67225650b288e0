/** The flows of a switch, read from it when somebody asks. */
import type { DatapathFlows, ShownFlow } from '../../http/answers/flows.ts'
import { ApiError } from '../../http/errors.ts'
import type { DatapathSession } from '../../openflow/channel/datapath-session.ts'
import type { Desired } from '../../pipeline/engine/delta.ts'
import type { FlowNames } from '../../pipeline/names.ts'
import { allFlows } from '../../pipeline/sync/session-port.ts'
import { type SwitchFlow, switchFlows } from '../../pipeline/sync/switch-tables.ts'
import { flowParts } from '../../pipeline/text.ts'
import { describe } from '../../problem.ts'
import { lookLimits, Slices } from './limits.ts'

export interface FlowFilter {
  /** A name, or a number. */
  readonly table: string | undefined
  readonly feature: string | undefined
  /** A uuid: of whom a flow was made for, or whom it names. */
  readonly object: string | undefined
}

const names = (text: string, uuid: string) => text.split(/[^\w-]+/).includes(uuid)

/** Whom a reader asks for, and what is known of the datapath. */
interface Reader {
  readonly names: FlowNames
  readonly filter: FlowFilter
  /** What the switch is to have: said as it was meant, where the switch has it like that. */
  readonly desired: Desired | undefined
}

function shown(entry: SwitchFlow, { names: flowNames, filter, desired }: Reader): ShownFlow | undefined {
  const table = flowNames.tableOf(entry.table)
  if (filter.table !== undefined && filter.table !== table && filter.table !== String(entry.table))
    return undefined
  const { cookie } = entry
  const { feature, uuid } = flowNames.makerOf(cookie)
  if (filter.feature !== undefined && filter.feature !== feature) return undefined
  const wanted = desired?.flows.get(entry.key)
  const flow = wanted?.body === entry.body ? wanted.flow : entry.flow
  const { match, actions } = flow
    ? flowParts(flowNames.names, flow)
    : { match: '?', actions: 'it cannot be read' }
  const { object } = filter
  if (object !== undefined && uuid !== object && !names(match, object) && !names(actions, object))
    return undefined
  return {
    ...{ table, table_id: entry.table, priority: entry.priority, feature, object: uuid, match, actions },
    cookie: `0x${cookie.toString(16)}`,
    ...{ packets: entry.packets, bytes: entry.byteCount, seconds: entry.seconds },
  }
}

const order = (a: ShownFlow, b: ShownFlow) =>
  a.table_id - b.table_id || b.priority - a.priority || (a.match < b.match ? -1 : a.match > b.match ? 1 : 0)

/** In slices between other work. Throws ApiError where the switch cannot be read. */
export async function readFlows(
  uuid: string,
  session: Pick<DatapathSession, 'multipartBytes'>,
  reader: Reader,
): Promise<DatapathFlows> {
  const replies = await session.multipartBytes(allFlows, lookLimits.readTimeoutMs)
  if (!replies.ok)
    throw new ApiError('Unavailable', `the switch cannot be read: ${describe(replies.problem)}`)
  const flows: ShownFlow[] = []
  let total_count = 0
  let matching_count = 0
  const slices = new Slices()
  for (const entry of switchFlows(replies.value)) {
    if (entry.table === hiddenTable) continue
    total_count++
    const one = shown(entry, reader)
    if (one !== undefined && ++matching_count <= lookLimits.flowsMax) flows.push(one)
    if (slices.isOver) await slices.pause()
  }
  const complete = matching_count <= lookLimits.flowsMax
  return { uuid, total_count, matching_count, complete, flows: flows.sort(order) }
}

/** Open vSwitch keeps flows of its own there. */
const hiddenTable = 254
