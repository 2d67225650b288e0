/** An interface at a port of this datapath: who sends, and how much of it may reach the host. */
import { cookieOf, type Flow, type FlowFunction, type State } from 'openvnet'
import { serversIn } from '../state/services.ts'
import { datapathDnsMeterId, datapathMeterId, interfaceDnsMeter, interfaceMeter } from './meters.ts'
import { features, pipeline, puntPoints } from './pipeline.ts'
import { localPort, portOn, vlanNone } from './places.ts'

/** Modes of interfaces that are endpoints: they send with addresses of their own. */
const endpointModes: readonly string[] = ['vif', 'internal', 'patch']

export const isEndpoint = (state: State, interfaceId: number) =>
  endpointModes.includes(state.interfaces.get(interfaceId)?.mode ?? '')

/** Modes of interfaces that may have a port and are no endpoints. */
const otherModes = ['host', 'promiscuous', 'remote', 'edge'] as const

/** For whoever asks of many: a few reads instead of one for each. */
export const otherThanEndpoints = (state: State): ReadonlySet<number> =>
  new Set(otherModes.flatMap((mode) => state.interfaces.many('mode', mode).map(({ id }) => id)))

/** Tagged frames of an endpoint are dropped: a tag would be carried on to the wire. */
function classify(state: State, interfaceId: number, port: number): Flow[] {
  const cookie = cookieOf(features.port, interfaceId)
  const head = {
    cookie,
    steps: [{ set: 'inInterface', to: interfaceId } as const],
    goto: 'antiSpoof' as const,
  }
  if (port !== localPort)
    return [
      pipeline.flow('classifier', { ...head, priority: 100, match: { in_port: port, vlan_vid: vlanNone } }),
    ]
  // LOCAL is the host's as well: only frames with the interface's MAC are its own.
  return state.macLeases.many('interface', interfaceId).map(({ mac_address }) =>
    pipeline.flow('classifier', {
      ...head,
      priority: 110,
      match: { in_port: port, vlan_vid: vlanNone, eth_src: mac_address },
    }),
  )
}

/** Some network of the interface has a DNS server. */
const canAskDns = (state: State, interfaceId: number) =>
  state.interfaceNetworks
    .many('interface', interfaceId)
    .some(({ network_id }) => serversIn(state, network_id, 'dns').length > 0)

/** What the interface says to a service goes to its function, as much as the meters let pass. */
function punt(service: 'dhcp' | 'dns', interfaceId: number, meterId: number, ofDatapath: number): Flow {
  return pipeline.flow(service, {
    cookie: cookieOf(puntPoints[service], interfaceId),
    priority: 100,
    match: { inInterface: interfaceId },
    meterId,
    steps: [{ punt: { meterId: ofDatapath } }],
  })
}

export const port: FlowFunction = ({ datapathId, objectId: interfaceId }, state) => {
  const portNumber = portOn(state, interfaceId, datapathId)
  if (portNumber === undefined || !isEndpoint(state, interfaceId)) return { flows: [] }
  const meters = [interfaceMeter(portNumber)]
  const flows = [
    ...classify(state, interfaceId, portNumber),
    punt('dhcp', interfaceId, meters[0]!.meter_id, datapathMeterId),
  ]
  if (canAskDns(state, interfaceId)) {
    const meter = interfaceDnsMeter(portNumber)
    meters.push(meter)
    flows.push(punt('dns', interfaceId, meter.meter_id, datapathDnsMeterId))
  }
  return { meters, flows }
}
