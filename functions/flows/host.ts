/**
 * The host's own traffic: between the physical port and the bridge's LOCAL port, undisturbed in every state. Untagged
 * frames are in the physical network, where interfaces of this datapath may be too; tagged ones just pass. The outer
 * packets of tunnels go this way as well.
 */
import { cookieOf, type Flow, type FlowFunction, localPort, type State } from 'openvnet'
import { carrierOf, type HostInterface, hostInterfacesOn } from '../state/host-interfaces.ts'
import { features, pipeline } from './pipeline.ts'
import { vlanNone } from './places.ts'
import { segmentCarriedBy } from './segments/physical-segment.ts'

/** The key of the physical network or segment that frames of this host interface are in, if it carries one. */
function networkKeyOf(state: State, datapathId: number, host: HostInterface): number | undefined {
  if (host.network === undefined) return segmentCarriedBy(state, host.interfaceId)?.tunnel_key_id
  const carrier = carrierOf(state, datapathId, host.network.id)
  return carrier?.interfaceId === host.interfaceId ? host.network.tunnel_key_id : undefined
}

/** Into the physical network if it is known, else straight through to `out`. */
const passage = <const T extends string>(network: number | undefined, goto: T, out: number) =>
  network === undefined
    ? { steps: [{ output: out }] }
    : { steps: [{ set: 'network', to: network } as const], goto }

function fromWire(cookie: bigint, { interfaceId, port }: HostInterface, network: number | undefined): Flow[] {
  return [
    pipeline.flow('classifier', {
      cookie,
      priority: 100,
      match: { in_port: port },
      steps: [
        { set: 'origin', to: 'wire' },
        { set: 'inInterface', to: interfaceId },
      ],
      goto: 'wire',
    }),
    pipeline.flow('wire', {
      cookie,
      priority: 20,
      match: { inInterface: interfaceId, vlan_vid: vlanNone },
      ...passage(network, 'fromPhysical', localPort),
    }),
    pipeline.flow('wire', {
      cookie,
      priority: 10,
      match: { inInterface: interfaceId },
      steps: [{ output: localPort }],
    }),
  ]
}

/** Frames of the host leave by the host interface whose MAC they carry. */
function fromHost(
  cookie: bigint,
  macs: readonly number[],
  port: number,
  network: number | undefined,
): Flow[] {
  return macs.flatMap((eth_src) => [
    pipeline.flow('classifier', {
      cookie,
      priority: 80,
      match: { in_port: localPort, vlan_vid: vlanNone, eth_src },
      ...passage(network, 'arp', port),
    }),
    pipeline.flow('classifier', {
      cookie,
      priority: 70,
      match: { in_port: localPort, eth_src },
      steps: [{ output: port }],
    }),
  ])
}

/** Frames of the host under any other MAC leave by the first host interface. */
function fromHostOtherwise(cookie: bigint, port: number, network: number | undefined): Flow[] {
  return [
    pipeline.flow('classifier', {
      cookie,
      priority: 60,
      match: { in_port: localPort, vlan_vid: vlanNone },
      ...passage(network, 'arp', port),
    }),
    pipeline.flow('classifier', {
      cookie,
      priority: 50,
      match: { in_port: localPort },
      steps: [{ output: port }],
    }),
  ]
}

/**
 * A hypervisor that the state has no host interface of, but whose bridge remembers its uplink: the physical port and
 * the host talk to each other. Its database may be behind that port, and with it what is still to be said about it.
 */
function unknownHost(state: State, datapathId: number): Flow[] {
  const uplink = state.activePorts.one('uplink', datapathId, true)?.port_number
  if (uplink === undefined) return []
  const cookie = cookieOf(features.uplink, uplink)
  const pass = (from: number, to: number) =>
    pipeline.flow('classifier', { cookie, priority: 1, match: { in_port: from }, steps: [{ output: to }] })
  return [pass(uplink, localPort), pass(localPort, uplink)]
}

export const host: FlowFunction = ({ datapathId }, state) => {
  const hosts = hostInterfacesOn(state, datapathId)
  if (hosts.length === 0) return { flows: unknownHost(state, datapathId) }
  const flows = hosts.flatMap((one, position) => {
    const cookie = cookieOf(features.host, one.interfaceId)
    const network = networkKeyOf(state, datapathId, one)
    const macs = state.macLeases.many('interface', one.interfaceId).map((lease) => lease.mac_address)
    return [
      ...fromWire(cookie, one, network),
      ...(position === 0
        ? fromHostOtherwise(cookie, one.port, network)
        : fromHost(cookie, macs, one.port, network)),
    ]
  })
  const uplink = hosts.find(({ portName }) => portName)?.portName
  return uplink ? { flows, uplink } : { flows }
}
