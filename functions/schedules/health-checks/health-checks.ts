/**
 * Members of load balancers are asked whether they are well, from an address of their network, on the datapath where they are. What
 * they answer is punted; and with each question the host asks itself what became of those before, by way of the same switch: while
 * that is away, nothing is concluded.
 */
import {
  buildEchoRequest,
  buildTcpFrame,
  type Effect,
  schedule,
  sendOn,
  sendThrough,
  tcpFlag,
} from 'openvnet'
import { loadOf, resubmitTo } from '../../packets/resume.ts'
import { someOf } from '../../state/fair-share.ts'
import { type Asked, askedMembers, checkPortOf, tickType } from '../../state/health.ts'

const everyMs = 1_000
/** In one run; of more members than this, others are asked each time. */
const checksMax = 1_000
const ttl = 64
const window = 1_024

/** The question, as a frame to the member. */
function question({ balancer, member, address, mac, memberMac }: Asked, second: number): Uint8Array {
  const ethernet = { source: mac, destination: memberMac }
  const ip = { source: address, destination: member.address, ttl }
  if (balancer.health_check === 'icmp')
    return buildEchoRequest({ ethernet, ip, identifier: member.id & 0xffff, sequence: second & 0xffff })
  return buildTcpFrame(
    {
      ...{ ethernet, ip, destinationPort: member.port_number, sourcePort: checkPortOf(balancer, second) },
      ...{ sequence: second >>> 0, acknowledgement: 0, flags: tcpFlag.syn, window },
    },
    new Uint8Array(),
  )
}

/** What the host asks itself: it has the member's number behind the header. */
function tick({ member, mac }: Asked): Uint8Array {
  const frame = new Uint8Array(60)
  const view = new DataView(frame.buffer)
  view.setUint16(6, Math.floor(mac / 2 ** 32))
  view.setUint32(8, mac >>> 0)
  view.setUint16(12, tickType)
  view.setUint32(14, member.id)
  return frame
}

export default schedule({
  name: 'health-checks',
  every_ms: everyMs,
  every_host: true,
  handle(env) {
    const { state, now, switches } = env
    if (state.loadBalancers.size === 0) return
    const second = Math.floor(now / everyMs)
    const due = [...state.loadBalancers.all()]
      .filter(({ id, health_interval }) => (second + id) % health_interval === 0)
      .flatMap((balancer) => askedMembers(state, balancer))
      .filter(({ datapathId }) => switches.here.has(datapathId))
    return someOf(due, checksMax, env.random()).flatMap((asked): Effect[] => {
      const dpid = state.datapaths.get(asked.datapathId)?.dpid
      if (dpid === undefined) return []
      const network = loadOf('network', asked.network.tunnel_key_id)
      return [
        sendOn(dpid, sendThrough([...network, resubmitTo('health')], tick(asked))),
        sendOn(dpid, sendThrough([...network, resubmitTo('destination')], question(asked, second))),
      ]
    })
  },
})
