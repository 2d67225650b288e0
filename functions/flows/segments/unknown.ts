/**
 * Frames for MACs that nobody knows: a copy to everyone, as much as the meter of their sender lets pass. What another
 * datapath sends has passed one there.
 */
import { cookieOf, type FlowFunction, type State } from 'openvnet'
import { hasStrangers, networkDomain } from '../../state/domains.ts'
import { interfaceUnknownMeter } from '../meters.ts'
import { features, pipeline } from '../pipeline.ts'
import { portOn } from '../places.ts'

/** Some frame of the interface may be for a MAC that nobody knows. */
const maySendToUnknown = (state: State, interfaceId: number) =>
  state.interfaceSegments.many('interface', interfaceId).length > 0 ||
  state.interfaceNetworks
    .many('interface', interfaceId)
    .some(({ network_id }) => hasStrangers(state, networkDomain(state.networks.get(network_id)!)))

/** The object is an interface at a port of this datapath. */
export const unknown: FlowFunction = ({ datapathId, objectId: interfaceId }, state) => {
  const port = portOn(state, interfaceId, datapathId)
  if (port === undefined || !maySendToUnknown(state, interfaceId)) return { flows: [] }
  const meter = interfaceUnknownMeter(port)
  return {
    meters: [meter],
    flows: [
      pipeline.flow('unknown', {
        cookie: cookieOf(features.port, interfaceId),
        priority: 100,
        match: { inInterface: interfaceId },
        meterId: meter.meter_id,
        goto: 'flood',
      }),
    ],
  }
}

/** What other datapaths send. */
export const unknownFromPeers: FlowFunction = ({ datapathId }) => ({
  flows: [
    pipeline.flow('unknown', {
      cookie: cookieOf(features.base, datapathId),
      priority: 100,
      match: { inInterface: 0 },
      goto: 'flood',
    }),
  ],
})
