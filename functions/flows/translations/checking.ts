/** What members of load balancers answer to checks goes to the host, on the datapaths where they may be. */
import { cookieOf, type FlowFunction } from 'openvnet'
import { firstCheckPort, seatsIn } from '../../state/health.ts'
import { healthMeter, healthMeterId } from '../meters.ts'
import { features, pipeline, puntPoints } from '../pipeline.ts'

const checkPorts = { value: firstCheckPort, mask: firstCheckPort }

/** The meter of checks. */
export const healthPunts: FlowFunction = () => ({ flows: [], meters: [healthMeter] })

/** The object is the network. */
export const checking: FlowFunction = ({ datapathId, objectId: networkId }, state) => {
  const network = state.networks.get(networkId)
  const seats = seatsIn(state, networkId)
  if (network === undefined || seats.length === 0) return { flows: [] }
  const key = network.tunnel_key_id
  const answers = new Map(
    seats.map(({ balancer, address, mac }) => {
      const isEcho = balancer.health_check === 'icmp'
      return [`${address} ${isEcho}`, { address, mac, isEcho }] as const
    }),
  )
  return {
    flows: [
      pipeline.flow('health', {
        cookie: cookieOf(puntPoints.health, networkId),
        priority: 100,
        match: { network: key },
        steps: [{ punt: { meterId: healthMeterId } }],
      }),
      ...[...answers.values()].map(({ address, mac, isEcho }) =>
        pipeline.flow('service', {
          cookie: cookieOf(features.balancing, networkId),
          priority: 115,
          match: {
            ...{ network: key, eth_dst: mac, ipv4_dst: address },
            ...(isEcho ? { icmpv4_type: 0 } : { tcp_dst: checkPorts }),
          },
          goto: 'health',
        }),
      ),
    ],
    children: [{ feature: 'healthPunts', datapathId, objectId: datapathId }],
  }
}
