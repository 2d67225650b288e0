/** Packets of an interface here that could not be routed, at a rate of their own. */
import { cookieOf, type FlowFunction } from 'openvnet'
import { isEndpoint } from '../state/interfaces.ts'
import { datapathIcmpMeter, datapathIcmpMeterId, interfaceIcmpMeter } from './meters.ts'
import { pipeline, puntPoints } from './pipeline.ts'
import { portOn } from './places.ts'

/** The meter of a datapath that routes. */
export const allIcmpPunts: FlowFunction = () => ({ flows: [], meters: [datapathIcmpMeter] })

/** The object is the interface. */
export const icmp: FlowFunction = ({ datapathId, objectId: interfaceId }, state) => {
  const port = portOn(state, interfaceId, datapathId)
  const mode = state.interfaces.get(interfaceId)?.mode
  if (port === undefined || mode === undefined || !isEndpoint(mode)) return { flows: [] }
  const meter = interfaceIcmpMeter(port)
  return {
    meters: [meter],
    flows: [
      pipeline.flow('icmp', {
        cookie: cookieOf(puntPoints.icmp, interfaceId),
        priority: 100,
        match: { inInterface: interfaceId },
        meterId: meter.meter_id,
        steps: [{ punt: { meterId: datapathIcmpMeterId } }],
      }),
    ],
  }
}
