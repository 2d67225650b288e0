/** What members of load balancers answer to checks, and what follows where they do not. */
import {
  buildTcpFrame,
  drop,
  type Effect,
  type Ethernet,
  type Ipv4,
  ipProtocol,
  type PacketIn,
  packetIn,
  parseEthernet,
  parseIpv4Header,
  parseTcp,
  remember,
  type State,
  sendThrough,
  tcpFlag,
} from 'openvnet'
import { echoReply } from '../../flows/icmp-types.ts'
import { pipeline, puntPoints } from '../../flows/pipeline.ts'
import { askedMembers, patienceMs, setHealth, tickType } from '../../state/health.ts'
import { loadOf, resubmitTo } from '../resume.ts'

/** For so long it is known since when a member is asked, in ms; nobody checks less often. */
const rememberedMs = 24 * 60 * 60 * 1_000
const ttl = 64

const answeredKey = (id: number) => `health answered ${id}`
const askedKey = (id: number) => `health asked ${id}`

type Environment = Parameters<Parameters<typeof packetIn>[0]['handle']>[1]

/** A check is about to be made: what has become of those before? */
function conclude(memberId: number, env: Environment): Effect[] | Effect {
  const member = env.state.loadBalancerMembers.get(memberId)
  const balancer = member && env.state.loadBalancers.get(member.load_balancer_id)
  if (balancer === undefined) return drop('no-member')
  if (env.remembered(answeredKey(memberId)) !== undefined) return drop('checked')
  const asked = env.remembered(askedKey(memberId))
  if (asked === undefined) return [remember(askedKey(memberId), new Uint8Array(1), rememberedMs)]
  if (asked.ageMs >= patienceMs(balancer)) setHealth(env.state, () => env.draft(), memberId, 'down')
  return drop('checked')
}

/** The members whose answer this may be: of every load balancer with the address that was asked from. */
const membersAt = (state: State, mode: 'tcp' | 'icmp', ip: Ipv4, port: number | null) =>
  [...state.loadBalancers.all()]
    .filter((row) => row.ipv4_address === ip.destination && row.health_check === mode)
    .flatMap((row) => askedMembers(state, row))
    .filter(({ member }) => member.address === ip.source && (port === null || member.port_number === port))

function answered(
  packet: PacketIn,
  env: Environment,
  mode: 'tcp' | 'icmp',
  ip: Ipv4,
  port: number | null,
): Effect[] {
  const key = pipeline.read(packet, 'network')
  return membersAt(env.state, mode, ip, port)
    .filter(({ networkKey }) => networkKey === key)
    .map(({ balancer, member }) => {
      setHealth(env.state, () => env.draft(), member.id, 'up')
      return remember(answeredKey(member.id), new Uint8Array(1), patienceMs(balancer))
    })
}

/** The connection is not wanted: it ends as it began. */
function reset(packet: PacketIn, view: DataView, { source, destination }: Ethernet, ip: Ipv4): Effect[] {
  const tcp = parseTcp(view, ip)!
  const frame = buildTcpFrame(
    {
      ethernet: { source: destination, destination: source },
      ip: { source: ip.destination, destination: ip.source, ttl },
      ...{ sourcePort: tcp.destinationPort, destinationPort: tcp.sourcePort },
      ...{ sequence: tcp.acknowledgement, acknowledgement: 0, flags: tcpFlag.rst, window: 0 },
    },
    new Uint8Array(),
  )
  const network = loadOf('network', pipeline.read(packet, 'network'))
  return [sendThrough([...network, resubmitTo('destination')], frame)]
}

export default packetIn({
  name: 'health',
  from: puntPoints.health,
  handle(packet, env) {
    const frame = packet.frame()
    const view = new DataView(frame.buffer, frame.byteOffset, frame.length)
    const ethernet = parseEthernet(view)
    if (ethernet?.type === tickType && ethernet.vlan === null) return conclude(packet.u32(14), env)
    const ip = ethernet && parseIpv4Header(view, ethernet.payload)
    if (ethernet === null || ip === null) return drop('not-ip')
    if (ip.protocol === ipProtocol.icmp)
      return view.byteLength > ip.payload && view.getUint8(ip.payload) === echoReply
        ? answered(packet, env, 'icmp', ip, null)
        : drop('no-answer')
    const tcp = parseTcp(view, ip)
    if (tcp === null || tcp.flags !== (tcpFlag.syn | tcpFlag.ack)) return drop('no-answer')
    return [...answered(packet, env, 'tcp', ip, tcp.sourcePort), ...reset(packet, view, ethernet, ip)]
  },
})
