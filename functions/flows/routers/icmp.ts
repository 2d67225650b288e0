/** Packets of an interface here that could not be routed, at a rate of their own; and those whose next hop is to be asked for. */
import {
  cookieOf,
  type Flow,
  type FlowFunction,
  type FlowOutput,
  type InterfaceMode,
  type Meter,
  type State,
} from 'openvnet'
import { isEndpoint } from '../../state/interfaces.ts'
import {
  datapathIcmpMeter,
  datapathIcmpMeterId,
  datapathNeighbourMeterId,
  interfaceIcmpMeter,
  interfaceNeighbourMeter,
  peersNeighbourMeter,
} from '../meters.ts'
import { pipeline, puntPoints } from '../pipeline.ts'
import { portOn } from '../places.ts'

/** The meter of a datapath that routes. */
export const allIcmpPunts: FlowFunction = () => ({ flows: [], meters: [datapathIcmpMeter] })

/** What has come from other datapaths counts as one sender, under a port number that no port has. */
const peers = { interfaceId: 0, port: 0 }

const errors = (interfaceId: number, meter: Meter): Flow =>
  pipeline.flow('icmp', {
    cookie: cookieOf(puntPoints.icmp, interfaceId),
    priority: 100,
    match: { inInterface: interfaceId },
    meterId: meter.meter_id,
    steps: [{ punt: { meterId: datapathIcmpMeterId } }],
  })

const unresolved = (interfaceId: number, meter: Meter): Flow =>
  pipeline.flow('icmp', {
    cookie: cookieOf(puntPoints.nextHop, interfaceId),
    priority: 110,
    match: { inInterface: interfaceId, icmpError: 'unresolved' },
    meterId: meter.meter_id,
    steps: [{ punt: { meterId: datapathNeighbourMeterId } }],
  })

const errorsAt = (interfaceId: number, port: number): FlowOutput => {
  const meter = interfaceIcmpMeter(port)
  return { meters: [meter], flows: [errors(interfaceId, meter)] }
}
const unresolvedAt = (interfaceId: number, meter: Meter): FlowOutput => ({
  meters: [meter],
  flows: [unresolved(interfaceId, meter)],
})

/** A physical network, and machines that the state does not know. */
const others: ReadonlySet<InterfaceMode> = new Set(['host', 'edge', 'promiscuous'])

/** The port of who may send packets that are routed: a machine, or others behind it. */
function senderPort(state: State, datapathId: number, interfaceId: number): number | undefined {
  const mode = state.interfaces.get(interfaceId)?.mode
  if (mode === undefined || !(isEndpoint(mode) || others.has(mode))) return undefined
  return portOn(state, interfaceId, datapathId)
}

/** The object is the interface. */
export const icmp: FlowFunction = ({ datapathId, objectId: interfaceId }, state) => {
  const port = senderPort(state, datapathId, interfaceId)
  return port === undefined ? { flows: [] } : errorsAt(interfaceId, port)
}

/** The object is the interface. */
export const resolve: FlowFunction = ({ datapathId, objectId: interfaceId }, state) => {
  const port = senderPort(state, datapathId, interfaceId)
  return port === undefined ? { flows: [] } : unresolvedAt(interfaceId, interfaceNeighbourMeter(port))
}

/** The object is the datapath. */
export const icmpOfPeers: FlowFunction = () => errorsAt(peers.interfaceId, peers.port)
export const resolveOfPeers: FlowFunction = () => unresolvedAt(peers.interfaceId, peersNeighbourMeter)
