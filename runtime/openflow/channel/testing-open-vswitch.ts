/** A real Open vSwitch with one bridge, new for each test, and flows to put into it. */
import { afterAll, beforeAll, beforeEach } from 'bun:test'
import { type OpenVswitch, startOpenVswitch } from '../../../tests/support/open-vswitch.ts'
import type { FlowMod, Message } from '../index.ts'
import type { DatapathSession } from './datapath-session.ts'

export const dpid = '00000000000000a1'
const settings = ['datapath_type=netdev', 'fail_mode=secure', 'other_config:disable-in-band=true']

/** Makes the bridge `br0`, secure and without in-band control. */
export const addBridge = (to: OpenVswitch) =>
  to.vsctl('add-br', 'br0', '--', 'set', 'bridge', 'br0', ...settings, `other_config:datapath-id=${dpid}`)

/** Starts an Open vSwitch for the tests of a file. */
export function useOpenVswitch(): { readonly ovs: OpenVswitch } {
  let ovs: OpenVswitch
  beforeAll(async () => {
    ovs = await startOpenVswitch({ name: 'channel' })
  }, 30_000)
  afterAll(() => ovs.stop())
  beforeEach(async () => {
    await ovs.vsctl('--if-exists', 'del-br', 'br0')
    await addBridge(ovs)
  })
  return {
    get ovs() {
      return ovs
    },
  }
}

export const base = { version: 4, xid: 0 } as const
export const flow = (number: number, outPort = 1): FlowMod => ({
  ...base,
  type: 'OFPT_FLOW_MOD',
  cookie: BigInt(number),
  cookie_mask: 0n,
  table_id: 0,
  command: 'OFPFC_ADD',
  idle_timeout: 0,
  hard_timeout: 0,
  priority: 10,
  buffer_id: 'OFP_NO_BUFFER',
  out_port: 'OFPP_ANY',
  out_group: 'OFPG_ANY',
  flags: [],
  match: [{ field: 'metadata', value: BigInt(number) }],
  instructions: [
    { type: 'OFPIT_APPLY_ACTIONS', actions: [{ type: 'OFPAT_OUTPUT', port: outPort, max_len: 0 }] },
  ],
})
/** Refused: goes back to its own table. */
export const badFlow: FlowMod = {
  ...flow(999_999),
  instructions: [{ type: 'OFPIT_GOTO_TABLE', table_id: 0 }],
}
/** Refused only at the commit: names a group that is not there. */
export const danglingFlow: FlowMod = {
  ...flow(999_998),
  instructions: [{ type: 'OFPIT_APPLY_ACTIONS', actions: [{ type: 'OFPAT_GROUP', group_id: 77 }] }],
}
export const flows = (count: number) => Array.from({ length: count }, (_, number) => flow(number + 1))
const flowsRequest: Message = {
  ...base,
  type: 'OFPT_MULTIPART_REQUEST',
  multipart_type: 'OFPMP_FLOW',
  flags: [],
  body: {
    table_id: 'OFPTT_ALL',
    out_port: 'OFPP_ANY',
    out_group: 'OFPG_ANY',
    cookie: 0n,
    cookie_mask: 0n,
    match: [],
  },
}

export async function flowCount(session: DatapathSession): Promise<number> {
  const parts = await session.multipart(flowsRequest, 20_000)
  if (!parts.ok) throw new Error(JSON.stringify(parts.problem))
  return parts.value.flatMap((part) =>
    part.type === 'OFPT_MULTIPART_REPLY' && part.multipart_type === 'OFPMP_FLOW' ? part.body : [],
  ).length
}
