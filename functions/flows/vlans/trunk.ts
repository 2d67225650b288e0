/**
 * Ports to legacy switches: frames of each VLAN that such a port serves are in its network, from machines that the
 * state does not know, and what goes to those leaves with the tag.
 *
 * A frame keeps its tag until it is known to go elsewhere (`destination`): so whatever answers it back to where it came
 * from, answers into its VLAN.
 */
import { cookieOf, etherType, type Flow, type FlowFunction, type FlowOutput, type State } from 'openvnet'
import { mtuOf } from '../../state/encapsulation.ts'
import { hasIpv6 } from '../../state/networks.ts'
import { type ServedVlan, servedVlansBy } from '../../state/vlans.ts'
import { shortPort } from '../meters.ts'
import { features, pipeline } from '../pipeline.ts'

/** In `vlan_vid`: there is a tag (OpenFlow 1.3.5, 7.2.3.7 `OFPVID_PRESENT`). */
const present = 0x1000
const vlanBits = 12
const anyTag = { value: present, mask: present }
/** What networks carry. A second tag behind the first is none of it. */
const carried = [etherType.ipv4, etherType.arp, etherType.ipv6]
/** Ethernet, with a tag. */
const taggedHeader = 18

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
        { largerThan: mtuOf(state.networks.get(vlan.networkId)!) + taggedHeader, to: 'tooLarge' },
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
    // Larger than the machines of the network may be sent: who was to get it tells its sender, or it goes on in pieces.
    ...(['toPeer', 'output'] as const).flatMap((table) =>
      (hasIpv6(state.networks.get(vlan.networkId)!)
        ? [etherType.ipv4, etherType.ipv6]
        : [etherType.ipv4]
      ).map((eth_type) =>
        pipeline.flow(table, {
          cookie,
          priority: table === 'toPeer' ? 125 : 90,
          match: { network, inInterface: interfaceId, eth_type, tooLarge: 'yes' },
          steps: [{ set: 'icmpError', to: 'fragmentationNeeded' }, { resubmit: 'icmp' }],
        }),
      ),
    ),
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
      unit('allIcmpPunts', datapathId),
      ...['punts', 'dnsPunts', 'unknown', 'icmp'].map((feature) => unit(feature, interfaceId)),
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
  // Below what is too large: who sent that is told, in its VLAN.
  pipeline.flow('toExit', {
    cookie,
    priority: 125,
    match: { vlan_vid: anyTag },
    steps: [{ popVlan: true }, { resubmit: 'toExit' }],
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

/** What every datapath has whose trunk ports serve a VLAN. */
export const trunks: FlowFunction = ({ datapathId }) => {
  const cookie = cookieOf(features.trunks, datapathId)
  return {
    flows: [
      ...carried.map((eth_type) =>
        pipeline.flow('trunk', { cookie, priority: 1, match: { eth_type }, goto: 'sender' }),
      ),
      ...untag(cookie),
    ],
  }
}

/** What says that a port serves a VLAN, for as long as a switch has it; in tables of the switch's own. */
export function leaseFlows(state: State, vlan: ServedVlan): Flow[] {
  const cookie = cookieOf(features.vlanLease, vlan.interfaceId)
  const network = keyOf(state, vlan)
  return [
    pipeline.flow('trunkLeases', {
      cookie,
      priority: 100,
      match: { network, inInterface: vlan.interfaceId },
      steps: [{ set: 'serves', to: 'yes' }],
    }),
    pipeline.flow('vlanLeases', {
      cookie,
      priority: 100,
      match: { network, outPort: shortPort(vlan.port) },
      steps: [{ output: vlan.port }],
    }),
  ]
}
