/**
 * Ports to legacy switches: frames of each VLAN that such a port serves are in its network, from machines that the
 * state does not know, and what goes to those leaves with the tag.
 *
 * A frame keeps its tag until it is known to go elsewhere (`destination`): so whatever answers it back to where it came
 * from, answers into its VLAN.
 */
import { cookieOf, type Flow, type FlowFunction, type FlowOutput, type State } from 'openvnet'
import { type ServedVlan, servedVlansBy } from '../state/vlans.ts'
import { shortPort } from './meters.ts'
import { features, pipeline } from './pipeline.ts'
import { leaseSeconds } from './vlan-lease.ts'

/** In `vlan_vid`: there is a tag (OpenFlow 1.3.5, 7.2.3.7 `OFPVID_PRESENT`). */
const present = 0x1000
const vlanBits = 12
const anyTag = { value: present, mask: present }
/** What networks carry. A second tag behind the first is none of it. */
const carried = [0x0800, 0x0806]

const keyOf = (state: State, { networkId }: ServedVlan) => state.networks.get(networkId)!.tunnel_key_id

/** Puts the tag of a VLAN around a frame. */
export const tagged = (vlanId: number) =>
  [{ pushVlan: true }, { set: 'vlan_vid', to: present | vlanId }] as const

/** A tagged copy, after which the frame is as it was. */
export const taggedCopy = ({ vlanId, port, leased }: ServedVlan) => [
  ...tagged(vlanId),
  ...(leased
    ? ([{ set: 'outPort', to: shortPort(port) }, { resubmit: 'vlanLeases' }] as const)
    : ([{ output: port }] as const)),
  { popVlan: true } as const,
]

/** What comes from a VLAN and goes into it, while the port serves it. */
function flowsOf(state: State, vlan: ServedVlan): Flow[] {
  const { interfaceId, port, vlanId, leased } = vlan
  const cookie = cookieOf(features.trunk, interfaceId)
  const network = keyOf(state, vlan)
  const outPort = shortPort(port)
  return [
    pipeline.flow('classifier', {
      cookie,
      priority: 100,
      match: { in_port: port, vlan_vid: present | vlanId },
      steps: [
        { set: 'inInterface', to: interfaceId },
        { set: 'network', to: network },
        { set: 'vlan', to: vlanId },
        ...(leased ? [{ resubmit: 'trunkLeases' } as const] : []),
      ],
      goto: 'trunk',
    }),
    ...(leased
      ? [
          pipeline.flow('trunk', {
            cookie,
            priority: 100,
            match: { network, inInterface: interfaceId, serves: 'no' },
            drop: true,
          }),
        ]
      : []),
    pipeline.flow('output', {
      cookie,
      priority: 100,
      match: { network, outPort },
      steps: [...tagged(vlanId), leased ? { resubmit: 'vlanLeases' } : { output: port }],
    }),
  ]
}

/** A trunk port of this datapath. */
export function trunkPort(state: State, datapathId: number, interfaceId: number): FlowOutput {
  const vlans = servedVlansBy(state, interfaceId, datapathId)
  if (vlans.length === 0) return { flows: [] }
  const unit = (feature: string, objectId: number) => ({ feature, datapathId, objectId })
  return {
    flows: vlans.flatMap((vlan) => flowsOf(state, vlan)),
    children: [
      unit('trunks', datapathId),
      ...['punts', 'dnsPunts', 'unknown'].map((feature) => unit(feature, interfaceId)),
    ],
  }
}

/** Without its tag, whoever else is to have it. */
const untag = (cookie: bigint): Flow[] => [
  pipeline.flow('destination', {
    cookie,
    priority: 1_000,
    match: { vlan_vid: anyTag },
    steps: [{ popVlan: true }, { resubmit: 'destination' }],
  }),
  // A copy for the other datapaths, with which it is not over.
  pipeline.flow('floodPeers', {
    cookie,
    priority: 1_000,
    match: { vlan_vid: anyTag },
    steps: [
      { popVlan: true },
      { resubmit: 'floodPeers' },
      { pushVlan: true },
      { move: 'vlan', to: 'vlan_vid', bits: vlanBits },
    ],
  }),
]

/** The host says by a packet-out, with registers set, that a port still serves a VLAN. */
function renewal(datapathId: number): Flow {
  const lease = {
    cookie: cookieOf(features.vlanLease, datapathId),
    priority: 100,
    hardSeconds: leaseSeconds,
  }
  const network = { field: 'network', from: 'network' } as const
  return pipeline.flow('renewal', {
    cookie: cookieOf(features.trunks, datapathId),
    priority: 1,
    match: {},
    steps: [
      {
        learn: 'trunkLeases',
        flow: {
          ...lease,
          match: [network, { field: 'inInterface', from: 'inInterface' }],
          set: [{ field: 'serves', to: 'yes' }],
        },
      },
      {
        learn: 'vlanLeases',
        flow: {
          ...lease,
          match: [network, { field: 'outPort', from: 'outPort' }],
          set: [],
          outputOf: 'outPort',
        },
      },
    ],
  })
}

/** What every datapath has whose trunk ports serve a VLAN. */
export const trunks: FlowFunction = ({ datapathId }) => {
  const cookie = cookieOf(features.trunks, datapathId)
  return {
    flows: [
      ...carried.map((eth_type) =>
        pipeline.flow('trunk', { cookie, priority: 1, match: { eth_type }, goto: 'sender' }),
      ),
      ...untag(cookie),
      renewal(datapathId),
    ],
  }
}

/** What a packet-out does by which a host says that ports of a datapath still serve their VLANs. */
export const renewalActions = (state: State, vlans: readonly ServedVlan[]) =>
  pipeline.actions(
    'classifier',
    vlans.flatMap((vlan) => [
      { set: 'network', to: keyOf(state, vlan) } as const,
      { set: 'inInterface', to: vlan.interfaceId } as const,
      { set: 'outPort', to: shortPort(vlan.port) } as const,
      { resubmit: 'renewal' } as const,
    ]),
  )

/** What a packet-out does that announces addresses in a VLAN: of an ARP request, one for each of them. */
export const announcements = (
  { vlanId, port }: ServedVlan,
  addresses: readonly { readonly mac: number; readonly ip: number }[],
) =>
  pipeline.actions('arp', [
    ...addresses.flatMap(({ mac, ip }) => [
      { set: 'eth_src', to: mac } as const,
      { set: 'arp_sha', to: mac } as const,
      { set: 'arp_spa', to: ip } as const,
      { set: 'arp_tpa', to: ip } as const,
      { pushVlan: true } as const,
      { set: 'vlan_vid', to: present | vlanId } as const,
      { output: port } as const,
      { popVlan: true } as const,
    ]),
  ])
