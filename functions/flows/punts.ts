/**
 * What reaches the host: by each interface at its own rate, and by a datapath in all. Meters are in units by themselves,
 * with nothing but the flows that need them: a switch that refuses a meter loses what would be punted, and nothing else.
 */
import { cookieOf, type FlowFunction } from 'openvnet'
import { datapathMeter, datapathMeterId, interfaceMeter } from './meters.ts'
import { pipeline, puntPoints } from './pipeline.ts'
import { portOn } from './places.ts'

/** The meter of a datapath. */
export const allPunts: FlowFunction = () => ({ flows: [], meters: [datapathMeter] })

/** The object is an interface at a port of this datapath. */
export const punts: FlowFunction = ({ datapathId, objectId: interfaceId }, state) => {
  const portNumber = portOn(state, interfaceId, datapathId)
  if (portNumber === undefined) return { flows: [] }
  const meter = interfaceMeter(portNumber)
  return {
    meters: [meter],
    flows: [
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
