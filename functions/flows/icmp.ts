/** Packets of an interface here that could not be routed: they share the interface's rate with all else that it punts. */
import { cookieOf, type FlowFunction } from 'openvnet'
import { isEndpoint } from '../state/interfaces.ts'
import { datapathMeterId, shortPort } from './meters.ts'
import { pipeline, puntPoints } from './pipeline.ts'
import { portOn } from './places.ts'

/** The object is the interface; its meter is that of everything that it punts. */
export const icmp: FlowFunction = ({ datapathId, objectId: interfaceId }, state) => {
  const port = portOn(state, interfaceId, datapathId)
  const mode = state.interfaces.get(interfaceId)?.mode
  if (port === undefined || mode === undefined || !isEndpoint(mode)) return { flows: [] }
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
