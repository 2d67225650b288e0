/** A switch behind a session of the OpenFlow channel. */
import type { DatapathSession } from '../../openflow/channel/datapath-session.ts'
import type { ApplyResult, Refusal } from '../../openflow/channel/refusals.ts'
import type { Message } from '../../openflow/index.ts'
import { type Problem, type Result, success } from '../../problem.ts'
import type { Applied, AppliedEach, SwitchPort } from './switch-port.ts'
import { type SwitchTables, switchTables } from './switch-tables.ts'

/** The part of a session that this uses. */
export type SyncSession = Pick<DatapathSession, 'bundle' | 'ordered' | 'multipartBytes' | 'bundlesSupported'>

const request = { version: 4, type: 'OFPT_MULTIPART_REQUEST', xid: 0, flags: [] } as const

/** Asks for every flow. */
export const allFlows: Message = {
  ...request,
  multipart_type: 'OFPMP_FLOW',
  body: {
    table_id: 'OFPTT_ALL',
    out_port: 'OFPP_ANY',
    out_group: 'OFPG_ANY',
    cookie: 0n,
    cookie_mask: 0n,
    match: [],
  },
}
const allGroups: Message = { ...request, multipart_type: 'OFPMP_GROUP_DESC' }
const allMeters: Message = {
  ...request,
  multipart_type: 'OFPMP_METER_CONFIG',
  body: { meter_id: 'OFPM_ALL' },
}

export function sessionPort(session: SyncSession): SwitchPort {
  return {
    get hasBundles() {
      return session.bundlesSupported
    },
    read: (timeoutMs) => read(session, timeoutMs),
    bundle: async (messages, timeoutMs) => appliedAll(await session.bundle(messages, timeoutMs)),
    each: async (messages, timeoutMs) => appliedEach(await session.ordered(messages, timeoutMs)),
  }
}

const none: Result<readonly Uint8Array[]> = success([])
/** A switch without groups or meters refuses to describe them: it has none. Whatever else goes wrong says nothing of what it has. */
const orNone = (answer: Result<readonly Uint8Array[]>): Result<readonly Uint8Array[]> =>
  answer.ok || !isRefusal(answer.problem) ? answer : none

async function read(session: SyncSession, timeoutMs: number): Promise<Result<SwitchTables>> {
  const [flows, groups, meters] = await Promise.all([
    session.multipartBytes(allFlows, timeoutMs),
    session.multipartBytes(allGroups, timeoutMs),
    session.multipartBytes(allMeters, timeoutMs),
  ])
  return switchTables(flows, orNone(groups), orNone(meters))
}

/** An error message from the switch is told by its names in the specification; nothing else has these. */
const isRefusal = ({ received }: Problem): boolean => received?.startsWith('OFPET_') ?? false

const refusedBy = (refused: readonly Refusal[]): ReadonlyMap<number, Problem> =>
  new Map(refused.map(({ index, problem }) => [index, problem]))

function appliedAll(result: ApplyResult): Applied {
  if (result.ok) return { kind: 'applied' }
  const refused = refusedBy(result.refused)
  // A session that ended, or a switch that does not take the messages, has refused nothing: to try parts would be wrong.
  const refuses = result.applied !== 'unknown' && (refused.size > 0 || isRefusal(result.problem))
  return refuses
    ? { kind: 'refused', problem: result.problem, refused }
    : { kind: 'unknown', problem: result.problem }
}

function appliedEach(result: ApplyResult): AppliedEach {
  if (result.ok) return { refused: new Map() }
  const refused = refusedBy(result.refused)
  const uncertain = result.applied === 'unknown' || refused.size === 0
  return uncertain ? { refused, unknown: result.problem } : { refused }
}
