/** What a session needs before it serves: the switch's settings, what it is, which ports it has, what it can do. */
import { describe, type Result, success } from '../../problem.ts'
import { encode, type Message } from '../index.ts'
import { probeBundles } from './bundle.ts'
import { runOrdered } from './ordered.ts'
import type { ApplyResult } from './refusals.ts'
import type { Session } from './session.ts'

/** Bundle ids of a session count from 1. */
const probeBundleId = 0xffff_fffe

const base = { version: 4, xid: 0 } as const

/**
 * The first fragment of a packet is matched by its ports, else whoever fragments gets past every flow that names one.
 * PACKET_INs come whole: nothing is kept in the switch's buffers.
 */
const setConfig: Message = {
  ...base,
  type: 'OFPT_SET_CONFIG',
  flags: 'OFPC_FRAG_NX_MATCH',
  miss_send_len: 'OFPCML_NO_BUFFER',
}

/** Everything about packets, ports and flows; as SLAVE about ports only. */
const setAsync: Message = {
  ...base,
  type: 'OFPT_SET_ASYNC',
  packet_in_mask_master: ['OFPR_NO_MATCH', 'OFPR_ACTION', 'OFPR_INVALID_TTL'],
  packet_in_mask_slave: [],
  port_status_mask_master: ['OFPPR_ADD', 'OFPPR_DELETE', 'OFPPR_MODIFY'],
  port_status_mask_slave: ['OFPPR_ADD', 'OFPPR_DELETE', 'OFPPR_MODIFY'],
  flow_removed_mask_master: [
    'OFPRR_IDLE_TIMEOUT',
    'OFPRR_HARD_TIMEOUT',
    'OFPRR_DELETE',
    'OFPRR_GROUP_DELETE',
  ],
  flow_removed_mask_slave: [],
}

/** The format that carries userdata and registers; only Open vSwitch knows it. */
const setPacketInFormat: Message = {
  ...base,
  type: 'NXT_SET_PACKET_IN_FORMAT',
  format: 'NXPIF_NXT_PACKET_IN2',
}

const settings = [setConfig, setAsync, setPacketInFormat]
const packetInFormatIndex = settings.indexOf(setPacketInFormat)

const describeRequest: Message = {
  ...base,
  type: 'OFPT_MULTIPART_REQUEST',
  multipart_type: 'OFPMP_DESC',
  flags: [],
}
const portsRequest: Message = {
  ...base,
  type: 'OFPT_MULTIPART_REQUEST',
  multipart_type: 'OFPMP_PORT_DESC',
  flags: [],
}

/** Sets the switch up for a session. Touches no flow, group or meter. Fails where the switch does not tell its ports. */
export async function configure(session: Session): Promise<Result<void>> {
  const { conversation } = session
  const { requestTimeoutMs } = conversation.limits
  const [configured, described, listed, bundles] = await Promise.all([
    runOrdered(conversation, settings.map(encode), requestTimeoutMs),
    session.multipart(describeRequest),
    session.multipart(portsRequest).then((parts) => (parts.ok ? session.ports.fill(parts.value) : parts)),
    probeBundles(conversation, probeBundleId, requestTimeoutMs),
  ])
  if (!configured.ok && configured.applied === 'unknown') return configured
  if (!listed.ok) return listed
  session.packetInFormat = refused(configured, packetInFormatIndex) ? 'OFPT_PACKET_IN' : 'NXT_PACKET_IN2'
  session.bundlesSupported = bundles
  const [description] = described.ok ? described.value : []
  if (description?.type === 'OFPT_MULTIPART_REPLY' && description.multipart_type === 'OFPMP_DESC') {
    session.description = description.body
  }
  report(session, configured)
  return success(undefined)
}

const refused = (result: ApplyResult, index: number) =>
  !result.ok && result.refused.some((refusal) => refusal.index === index)

/** A switch that refuses a setting is served with what it does by itself. */
function report(session: Session, result: ApplyResult) {
  if (result.ok) return
  for (const { index, problem } of result.refused) {
    const fields = { dpid: session.dpid, setting: settings[index]?.type, problem: describe(problem) }
    session.connection.log.info('the switch refuses a setting', fields)
  }
}
