/** Telling a controller of flows as they change: Nicira's messages, and ONF extension 187 for OpenFlow 1.3. */
import {
  align,
  flags,
  lengthOf,
  list,
  literal,
  names,
  ownLength,
  pad,
  rest,
  struct,
  u8,
  u16,
  u32,
  u64,
  union,
} from '../../wire/index.ts'
import { oxms } from '../fields/match.ts'
import { actions, instructions } from '../instructions.ts'
import { experimenterReply, experimenterRequest, nicira, onf } from '../messages/message.ts'
import { experimenters, port, port16, table } from '../numbers.ts'
import { flowRemovedReasons } from '../reasons.ts'
import { matchLength, monitorMatch } from './monitor-match.ts'

const reason = names(u16, flowRemovedReasons)

const niciraRequest = struct({
  id: u32,
  flags: flags(u16, {
    NXFMF_INITIAL: 1,
    NXFMF_ADD: 2,
    NXFMF_DELETE: 4,
    NXFMF_MODIFY: 8,
    NXFMF_ACTIONS: 16,
    NXFMF_OWN: 32,
  }),
  out_port: port16,
  match_len: lengthOf('match'),
  table_id: table,
  pad: pad(5),
  match: oxms,
  pad2: align(8),
})

const niciraUpdate = <const S extends string>(name: S, event: number) =>
  struct({
    length: ownLength,
    event: literal(u16, event, name),
    reason,
    priority: u16,
    idle_timeout: u16,
    hard_timeout: u16,
    match_len: lengthOf('match'),
    table_id: u8,
    pad: pad(1),
    cookie: u64,
    match: oxms,
    pad2: align(8),
    actions,
  })

const niciraUpdates = union('flow update', [
  niciraUpdate('NXFME_ADDED', 0),
  niciraUpdate('NXFME_DELETED', 1),
  niciraUpdate('NXFME_MODIFIED', 2),
  struct({ length: ownLength, event: literal(u16, 3, 'NXFME_ABBREV'), xid: u32 }),
  struct({ length: ownLength, event: u16, data: rest }),
])

/** How far before the match its length is. */
const requestDistance = 10
const updateDistance = 12

const onfRequest = struct({
  id: u32,
  flags: flags(u16, {
    ONFFMF_INITIAL: 1,
    ONFFMF_ADD: 2,
    ONFFMF_DELETE: 4,
    ONFFMF_MODIFY: 8,
    ONFFMF_ACTIONS: 16,
    ONFFMF_OWN: 32,
  }),
  match_len: matchLength,
  out_port: port,
  table_id: table,
  pad: pad(3),
  match: monitorMatch(requestDistance),
  pad2: align(8),
})

const onfUpdate = <const S extends string>(name: S, event: number) =>
  struct({
    length: ownLength,
    event: literal(u16, event, name),
    reason,
    priority: u16,
    idle_timeout: u16,
    hard_timeout: u16,
    match_len: matchLength,
    table_id: u8,
    pad: pad(1),
    cookie: u64,
    match: monitorMatch(updateDistance),
    pad2: align(8),
    instructions,
  })

const onfUpdates = union('flow update', [
  onfUpdate('ONFFME_ADDED', 0),
  onfUpdate('ONFFME_DELETED', 1),
  onfUpdate('ONFFME_MODIFIED', 2),
  struct({ length: ownLength, event: literal(u16, 3, 'ONFFME_ABBREV'), xid: u32 }),
  struct({ length: ownLength, event: u16, data: rest }),
])

export const flowMonitor = [
  experimenterRequest(experimenters.nicira, 'NXST_FLOW_MONITOR', 2, { body: list(niciraRequest) }),
  experimenterReply(experimenters.nicira, 'NXST_FLOW_MONITOR', 2, { body: list(niciraUpdates) }),
  nicira('NXT_FLOW_MONITOR_CANCEL', 21, { id: u32 }),
  nicira('NXT_FLOW_MONITOR_PAUSED', 22, {}),
  nicira('NXT_FLOW_MONITOR_RESUMED', 23, {}),
  experimenterRequest(experimenters.onf, 'ONFST_FLOW_MONITOR', 1870, { body: list(onfRequest) }),
  experimenterReply(experimenters.onf, 'ONFST_FLOW_MONITOR', 1870, { body: list(onfUpdates) }),
  onf('ONFT_FLOW_MONITOR_CANCEL', 1870, { id: u32 }),
  onf('ONFT_FLOW_MONITOR_PAUSED', 1871, {}),
  onf('ONFT_FLOW_MONITOR_RESUMED', 1872, {}),
] as const
