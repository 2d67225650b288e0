/** Packets of an interface here that could not be routed: they share the interface's rate with all else that it punts. */
import { cookieOf, type FlowFunction } from 'openvnet'
import { datapathMeterId, shortPort } from './meters.ts'
import { pipeline, puntPoints } from './pipeline.ts'
import { portOn } from './places.ts'
import { isEndpoint } from './port.ts'

/** The object is the interface; its port has the meter. */
export const icmp: FlowFunction = ({ datapathId, objectId: interfaceId }, state) => {
  const port = portOn(state, interfaceId, datapathId)
  if (port === undefined || !isEndpoint(state, interfaceId)) return { flows: [] }
  return {
    flows: [
      pipeline.flow('icmp', {
        cookie: cookieOf(puntPoints.icmp, interfaceId),
        priority: 100,
        match: { inInterface: interfaceId },
        meterId: shortPort(port),
        steps: [{ punt: { meterId: datapathMeterId } }],
      }),
    ],
  }
}
