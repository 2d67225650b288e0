/**
 * What reaches the host: by each interface at its own rate, and by a datapath in all. Meters are in units by themselves,
 * with nothing but the flows that need them: a switch that refuses a meter loses what would be punted, and nothing else.
 */
import {
  cookieOf,
  dhcpv6ServerPort,
  etherType,
  type Flow,
  type FlowFunction,
  type FlowOutput,
  ipProtocol,
  type Meter,
  type State,
} from 'openvnet'
import { hasIpv6 } from '../state/networks.ts'
import { serversIn } from '../state/services.ts'
import {
  datapathDnsMeter,
  datapathDnsMeterId,
  datapathMeter,
  datapathMeterId,
  interfaceDnsMeter,
  interfaceMeter,
} from './meters.ts'
import { pipeline, puntPoints } from './pipeline.ts'
import { portOn } from './places.ts'

/** The meter of a datapath. */
export const allPunts: FlowFunction = () => ({ flows: [], meters: [datapathMeter] })
/** The same for DNS. */
export const allDnsPunts: FlowFunction = () => ({ flows: [], meters: [datapathDnsMeter] })

/** What an interface says to a service goes to its function, as much as the meters let pass. */
const punt = (service: 'dhcp' | 'dns', interfaceId: number, meter: Meter, meterId: number): FlowOutput => ({
  meters: [meter],
  flows: [
    pipeline.flow(service, {
      cookie: cookieOf(puntPoints[service], interfaceId),
      priority: 100,
      match: { inInterface: interfaceId },
      meterId: meter.meter_id,
      steps: [{ punt: { meterId } }],
    }),
  ],
})

/** Some network of the interface has IPv6. */
const speaksIpv6 = (state: State, interfaceId: number) =>
  state.interfaceNetworks.many('interface', interfaceId).some(({ network_id }) => {
    const network = state.networks.get(network_id)
    return network !== undefined && hasIpv6(network)
  })

const routerSolicitation = 133
const neighbourSolicitation = 135

/** What machines say in IPv6 that flows do not answer: it shares the rate of DHCP. */
function ipv6Punts(interfaceId: number, meter: Meter): Flow[] {
  const steps = [{ punt: { meterId: datapathMeterId } }]
  const inInterface = interfaceId
  const head = { priority: 100, meterId: meter.meter_id, steps }
  return [
    pipeline.flow('discovery', {
      ...head,
      cookie: cookieOf(puntPoints.neighbourProbe, interfaceId),
      match: { inInterface, icmpv6_type: neighbourSolicitation },
    }),
    pipeline.flow('discovery', {
      ...head,
      cookie: cookieOf(puntPoints.routerSolicitation, interfaceId),
      match: { inInterface, icmpv6_type: routerSolicitation },
    }),
    pipeline.flow('discovery', {
      ...head,
      cookie: cookieOf(puntPoints.dhcpv6, interfaceId),
      match: { inInterface, eth_type: etherType.ipv6, ip_proto: ipProtocol.udp, udp_dst: dhcpv6ServerPort },
    }),
  ]
}

/** The object is an interface at a port of this datapath. */
export const punts: FlowFunction = ({ datapathId, objectId: interfaceId }, state) => {
  const portNumber = portOn(state, interfaceId, datapathId)
  if (portNumber === undefined) return { flows: [] }
  const meter = interfaceMeter(portNumber)
  const { meters, flows } = punt('dhcp', interfaceId, meter, datapathMeterId)
  const ipv6 = speaksIpv6(state, interfaceId) ? ipv6Punts(interfaceId, meter) : []
  return { meters: meters!, flows: [...flows, ...ipv6] }
}

/** Some network of the interface has a DNS server. */
const canAskDns = (state: State, interfaceId: number) =>
  state.interfaceNetworks
    .many('interface', interfaceId)
    .some(({ network_id }) => serversIn(state, network_id, 'dns').length > 0)

/** The same, for DNS. */
export const dnsPunts: FlowFunction = ({ datapathId, objectId: interfaceId }, state) => {
  const portNumber = portOn(state, interfaceId, datapathId)
  if (portNumber === undefined || !canAskDns(state, interfaceId)) return { flows: [] }
  return punt('dns', interfaceId, interfaceDnsMeter(portNumber), datapathDnsMeterId)
}
