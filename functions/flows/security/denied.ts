/** What nothing lets pass: the host is told of it, of each interface so much as somebody can read. */
import { cookieOf, type FlowFunction } from 'openvnet'
import { datapathDeniedMeter, datapathDeniedMeterId, interfaceDeniedMeter } from '../meters.ts'
import { features, pipeline, puntPoints } from '../pipeline.ts'
import { portOn } from '../places.ts'

/** The headers that tell who wanted what of whom, IPv6 included. */
const bytesMax = 96
/** Broadcasts are for whom they may concern: that they do not reach everyone is no news. */
const eth_dst = { value: 0, mask: 0x0100_0000_0000 }

/** What every datapath has where something decides what passes. What an interface may not send is told as if it were for itself. */
export const allDenied: FlowFunction = ({ datapathId }) => ({
  meters: [datapathDeniedMeter],
  flows: [
    pipeline.flow('fromDenied', {
      cookie: cookieOf(features.filtering, datapathId),
      priority: 1,
      match: {},
      steps: [{ move: 'inInterface', to: 'outInterface' }],
      goto: 'toDenied',
    }),
  ],
})

/** The object is the interface that is guarded. By itself, since a switch that refuses the meter loses this and nothing else. */
export const denied: FlowFunction = ({ datapathId, objectId: interfaceId }, state) => {
  const port = portOn(state, interfaceId, datapathId)
  if (port === undefined) return { flows: [] }
  const meter = interfaceDeniedMeter(port)
  return {
    meters: [meter],
    flows: [
      pipeline.flow('toDenied', {
        cookie: cookieOf(puntPoints.denied, interfaceId),
        priority: 1,
        match: { outInterface: interfaceId, eth_dst },
        meterId: meter.meter_id,
        steps: [{ punt: { meterId: datapathDeniedMeterId, bytesMax } }],
      }),
    ],
    children: [{ feature: 'allDenied', datapathId, objectId: datapathId }],
  }
}
