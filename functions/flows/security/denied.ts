/** What nothing lets pass: the host is told of it, of so much as somebody can read. */
import { cookieOf, type FlowFunction } from 'openvnet'
import { deniedMeter, deniedMeterId } from '../meters.ts'
import { pipeline, puntPoints } from '../pipeline.ts'

/** The headers that tell who wanted what of whom, IPv6 included. */
const bytesMax = 96
/** Broadcasts are for whom they may concern: that they do not reach everyone is no news. */
const forOne = { value: 0, mask: 0x0100_0000_0000 }

/** The object is the datapath. By itself, since a switch that refuses the meter loses this and nothing else. */
export const denied: FlowFunction = ({ datapathId }) => ({
  meters: [deniedMeter],
  flows: (['fromDenied', 'toDenied'] as const).map((table) =>
    pipeline.flow(table, {
      cookie: cookieOf(puntPoints.denied, datapathId),
      priority: 1,
      match: { eth_dst: forOne },
      steps: [{ punt: { meterId: deniedMeterId, bytesMax } }],
    }),
  ),
})
