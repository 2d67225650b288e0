/** What every datapath has, whatever is on it. */
import { cookieOf, dhcpClientPort, type FlowFunction } from 'openvnet'
import { features, pipeline } from './pipeline.ts'
import { multicast } from './places.ts'

export const base: FlowFunction = ({ datapathId }) => {
  const cookie = cookieOf(features.base, datapathId)
  return {
    children: ['allPunts', 'allDnsPunts'].map((feature) => ({ feature, datapathId, objectId: datapathId })),
    flows: [
      ...pipeline.missFlows(cookie),
      // A guest that answers DHCP clients would take over its neighbours. They take answers from any port.
      pipeline.flow('antiSpoof', { cookie, priority: 200, match: { udp_dst: dhcpClientPort }, drop: true }),
      pipeline.flow('destination', { cookie, priority: 80, match: { eth_dst: multicast }, goto: 'flood' }),
      pipeline.flow('output', { cookie, priority: 1, match: {}, steps: [{ outputOf: 'outPort' }] }),
    ],
  }
}
