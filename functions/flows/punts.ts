/**
 * What reaches the host: by each interface at its own rate, and by a datapath in all. Meters are in units by themselves,
 * with nothing but the flows that need them: a switch that refuses a meter loses what would be punted, and nothing else.
 */
import { cookieOf, type FlowFunction, type FlowOutput, type Meter, type State } from 'openvnet'
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

/** The object is an interface at a port of this datapath. */
export const punts: FlowFunction = ({ datapathId, objectId: interfaceId }, state) => {
  const portNumber = portOn(state, interfaceId, datapathId)
  if (portNumber === undefined) return { flows: [] }
  return punt('dhcp', interfaceId, interfaceMeter(portNumber), datapathMeterId)
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
