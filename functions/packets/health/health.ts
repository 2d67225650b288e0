/** What members of load balancers answer to checks, and what follows where they do not. */
import {
  buildTcpFrame,
  drop,
  type Effect,
  type Ethernet,
  formatIpv4,
  type HealthCheckMode,
  type Ipv4,
  ipProtocol,
  type PacketIn,
  packetIn,
  parseEthernet,
  parseIpv4Header,
  parseTcp,
  type Row,
  remember,
  type State,
  sendThrough,
  type Tcp,
  tcpFlag,
} from 'openvnet'
import { echoReply } from '../../flows/icmp-types.ts'
import { pipeline, puntPoints } from '../../flows/pipeline.ts'
import {
  type Asked,
  askedAt,
  isAskedFrom,
  patienceMs,
  seatsIn,
  setHealth,
  tickType,
} from '../../state/health.ts'
import { loadOf, resubmitTo } from '../resume.ts'
import { request, statusOf } from './http.ts'

/** A run of checks may be so late, in ms. */
const latenessMs = 1_000
const ttl = 64
const window = 1_024

const answeredKey = (id: number) => `health answered ${id}`
const askedKey = (id: number) => `health asked ${id}`

type Environment = Parameters<Parameters<typeof packetIn>[0]['handle']>[1]

/** A member that was not asked for longer than two intervals, and what a run may be late, is asked as if for the first time. */
const askedMs = ({ health_interval }: Row<'loadBalancers'>) => 2 * health_interval * 1_000 + latenessMs

/** Since when it is asked, in ms since 1970: as text. */
const askedSince = (env: Environment, memberId: number): number => {
  const asked = env.remembered(askedKey(memberId))
  return asked === undefined ? env.now : Number(new TextDecoder().decode(asked.bytes))
}

/** A check is about to be made: what has become of those before? */
function conclude(memberId: number, env: Environment): Effect[] | Effect {
  const member = env.state.loadBalancerMembers.get(memberId)
  const balancer = member && env.state.loadBalancers.get(member.load_balancer_id)
  if (balancer === undefined) return drop('no-member')
  const since = askedSince(env, memberId)
  const hasAnswered = env.remembered(answeredKey(memberId)) !== undefined
  if (!hasAnswered && env.now - since >= patienceMs(balancer))
    setHealth(env.state, () => env.draft(), memberId, 'down')
  return [remember(askedKey(memberId), new TextEncoder().encode(`${since}`), askedMs(balancer))]
}

/** Those whose answer this may be: members that are asked, in the packet's network, from the address that it is for. */
function membersAt(packet: PacketIn, state: State, ip: Ipv4): Asked[] {
  const network = state.networks.one('tunnelKey', pipeline.read(packet, 'network'))
  if (network === undefined) return []
  return seatsIn(state, network.id)
    .filter(({ address }) => address === ip.destination)
    .flatMap((seat) => askedAt(state, seat, ip.source))
}

const answered = (env: Environment, all: readonly Asked[]): Effect[] =>
  all.map(({ balancer, member }) => {
    setHealth(env.state, () => env.draft(), member.id, 'up')
    return remember(answeredKey(member.id), new Uint8Array(1), patienceMs(balancer))
  })

/** What is said back to a member in its connection. */
function say(packet: PacketIn, { ethernet, ip, tcp }: Segment, flags: number, payload: Uint8Array): Effect {
  const isReset = flags === tcpFlag.rst
  const frame = buildTcpFrame(
    {
      ethernet: { source: ethernet.destination, destination: ethernet.source },
      ip: { source: ip.destination, destination: ip.source, ttl },
      ...{ sourcePort: tcp.destinationPort, destinationPort: tcp.sourcePort, flags },
      ...{ sequence: tcp.acknowledgement, acknowledgement: isReset ? 0 : (tcp.sequence + 1) >>> 0 },
      window: isReset ? 0 : window,
    },
    payload,
  )
  const network = loadOf('network', pipeline.read(packet, 'network'))
  // Not from the port that it goes back to, which Open vSwitch would leave out.
  return sendThrough([...network, resubmitTo('destination')], frame, 'OFPP_CONTROLLER')
}

/** The connection is not wanted any more: it ends. */
const reset = (packet: PacketIn, segment: Segment) => say(packet, segment, tcpFlag.rst, new Uint8Array())

interface Segment {
  readonly ethernet: Ethernet
  readonly ip: Ipv4
  readonly tcp: Tcp
}

const hasGoodStatus = ({ balancer }: Asked, status: number | undefined) =>
  status !== undefined && status >= balancer.health_status_min && status <= balancer.health_status_max

/** A member accepts, and is asked what HTTP checks ask; or it has answered that. */
function ofConnection(
  packet: PacketIn,
  env: Environment,
  view: DataView,
  segment: Segment,
): Effect[] | Effect {
  const { ip, tcp } = segment
  const second = Math.floor(env.now / 1_000)
  const all = membersAt(packet, env.state, ip).filter(
    ({ balancer, member }) =>
      member.port_number === tcp.sourcePort && isAskedFrom(balancer, tcp.destinationPort, second),
  )
  const ofMode = (mode: HealthCheckMode) => all.filter(({ balancer }) => balancer.health_check === mode)
  const web = ofMode('http')
  if (tcp.flags === (tcpFlag.syn | tcpFlag.ack)) {
    const accepted = answered(env, ofMode('tcp'))
    if (web[0] === undefined) return [...accepted, reset(packet, segment)]
    const { balancer, member } = web[0]
    const get = request(balancer.health_path, formatIpv4(member.address), member.port_number)
    return [...accepted, say(packet, segment, tcpFlag.ack | tcpFlag.psh, get)]
  }
  if (tcp.end <= tcp.payload && (tcp.flags & tcpFlag.fin) === 0) return drop('no-answer')
  const status = statusOf(view, tcp)
  const good = web.filter((one) => hasGoodStatus(one, status))
  return [...answered(env, good), reset(packet, segment)]
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
    if (ip.protocol === ipProtocol.icmp) {
      const isReply = view.byteLength > ip.payload && view.getUint8(ip.payload) === echoReply
      const all = isReply ? membersAt(packet, env.state, ip) : []
      return isReply
        ? answered(
            env,
            all.filter(({ balancer }) => balancer.health_check === 'icmp'),
          )
        : drop('no-answer')
    }
    const tcp = parseTcp(view, ip)
    if (tcp === null || (tcp.flags & tcpFlag.rst) !== 0) return drop('no-answer')
    return ofConnection(packet, env, view, { ethernet, ip, tcp })
  },
})
