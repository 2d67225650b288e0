/** An interface at a port of this datapath: who sends, and how much of it may reach the host. */
import { cookieOf, type Flow, type FlowFunction, type State } from 'openvnet'
import { datapathMeterId, interfaceMeter } from './meters.ts'
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

export const port: FlowFunction = ({ datapathId, objectId: interfaceId }, state) => {
  const portNumber = portOn(state, interfaceId, datapathId)
  if (portNumber === undefined || !isEndpoint(state, interfaceId)) return { flows: [] }
  const meter = interfaceMeter(portNumber)
  return {
    meters: [meter],
    flows: [
      ...classify(state, interfaceId, portNumber),
      pipeline.flow('dhcp', {
        cookie: cookieOf(puntPoints.dhcp, interfaceId),
        priority: 100,
        match: { inInterface: interfaceId },
        meterId: meter.meter_id,
        steps: [{ punt: { meterId: datapathMeterId } }],
      }),
    ],
  }
}
