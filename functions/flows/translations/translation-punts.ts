/** ICMP errors that quote what was translated reach the host: of each interface at its own rate. */
import { cookieOf, type FlowFunction } from 'openvnet'
import { isEndpoint } from '../../state/interfaces.ts'
import { datapathTranslationMeter, datapathTranslationMeterId, interfaceTranslationMeter } from '../meters.ts'
import { pipeline, puntPoints } from '../pipeline.ts'
import { portOn } from '../places.ts'

/** Those that come from elsewhere have the rate of the datapath alone. */
export const allTranslationPunts: FlowFunction = () => ({
  meters: [datapathTranslationMeter],
  flows: [
    pipeline.flow('translateQuoted', {
      cookie: cookieOf(puntPoints.translation, 0),
      priority: 1,
      match: {},
      steps: [{ punt: { meterId: datapathTranslationMeterId } }],
    }),
  ],
})

/** The object is the interface. */
export const translationPunts: FlowFunction = ({ datapathId, objectId: interfaceId }, state) => {
  const port = portOn(state, interfaceId, datapathId)
  const mode = state.interfaces.get(interfaceId)?.mode
  if (port === undefined || mode === undefined || !isEndpoint(mode)) return { flows: [] }
  const meter = interfaceTranslationMeter(port)
  return {
    meters: [meter],
    flows: [
      pipeline.flow('translateQuoted', {
        cookie: cookieOf(puntPoints.translation, interfaceId),
        priority: 100,
        match: { inInterface: interfaceId },
        meterId: meter.meter_id,
        steps: [{ punt: { meterId: datapathTranslationMeterId } }],
      }),
    ],
  }
}
