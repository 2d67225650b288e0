/** What is measured of the way from one machine to another. */
import { resolve } from 'node:path'
import { ipBatch } from '../../cli/lab/namespaces.ts'
import { eventually } from '../../tests/support/open-vswitch.ts'
import { addressOf, networkOf, nextMac, type Path, type Peer, subnetOf } from './plan.ts'

const tcpBytes = 64 << 20
const tcpTimeoutS = 30
/** UDP flows, each from and to ports of its own. */
export const udpFlows = 32
const udpPortFirst = 20_000

/** Addresses, sizes and ways of the machines. */
export async function configure({ lab, mtuOf }: Peer): Promise<void> {
  await Promise.all(
    lab.machines.map(({ name, netns }) =>
      ipBatch(netns, [
        `address add ${addressOf(name)}/24 dev eth0`,
        `link set eth0 mtu ${mtuOf(name)}`,
        `route add default via ${subnetOf(networkOf(name))}.1`,
      ]),
    ),
  )
}

export const untilReached = ({ lab, name }: Peer, { from, to }: Path) =>
  eventually(`a ping from ${from} to ${to} by ${name}`, async () => {
    return (await lab.machine(from).ping(addressOf(to))) ?? false
  })

const forget = ({ lab }: Peer) =>
  Promise.all(lab.hypervisors.map(({ openVswitch }) => openVswitch.appctl('dpctl/del-flows')))

/** The round trip of a packet for which no switch has anything in its caches, in ms. */
export async function firstPacket(peer: Peer, { from, to }: Path): Promise<number> {
  await forget(peer)
  const ms = await peer.lab.machine(from).ping(addressOf(to))
  if (ms === null) throw new Error(`the first packet to ${to} was lost`)
  return ms
}

/** Gbit/s. */
export async function tcp({ lab }: Peer, { from, to }: Path): Promise<number> {
  const program = (name: string, ...args: string[]) => {
    const inside = ['timeout', `${tcpTimeoutS}`, 'ip', 'netns', 'exec', lab.machine(name).netns]
    const command = [...inside, process.execPath, resolve(import.meta.dir, 'stream.ts'), ...args]
    return Bun.spawn(command, { stdin: 'ignore', stdout: 'pipe', stderr: 'inherit' })
  }
  const server = program(to, 'serve', addressOf(to))
  const reader = server.stdout.getReader()
  await reader.read()
  await program(from, 'send', addressOf(to), `${tcpBytes}`).exited
  const [bytes = 0, ms = 0] = new TextDecoder()
    .decode((await reader.read()).value)
    .split(' ')
    .map(Number)
  if (bytes !== tcpBytes) throw new Error(`${bytes} of ${tcpBytes} bytes came`)
  return (bytes * 8) / ms / 1e6
}

/** Tables that a packet is looked up in, on its sender's hypervisor. */
export async function tables(peer: Peer, path: Path): Promise<number> {
  const { lab, bridge } = peer
  const { from, to } = path
  const { openVswitch } = lab.hypervisor('node1')
  const port = await openVswitch.vsctl('get', 'interface', from, 'ofport')
  const packet = [
    `in_port=${port},icmp`,
    `dl_src=${lab.machine(from).mac},dl_dst=${nextMac(peer, path)}`,
    `nw_src=${addressOf(from)},nw_dst=${addressOf(to)},nw_ttl=64,icmp_type=8`,
  ].join(',')
  const trace = await openVswitch.appctl('ofproto/trace', bridge, packet)
  // A router's check of the size is followed both ways: two more than a packet goes through.
  return trace.match(/^\s*\d+\. /gm)?.length ?? 0
}

/** What the caches of all switches hold after so many flows: where that grows with them, each begins slowly. */
export async function megaflows(peer: Peer, { from, to }: Path): Promise<number> {
  await forget(peer)
  const last = udpPortFirst + udpFlows - 1
  const send = `for port in $(seq ${udpPortFirst} ${last}); do echo . > /dev/udp/${addressOf(to)}/$port; done`
  await peer.lab.machine(from).exec('bash', '-c', send)
  const dumps = await Promise.all(
    peer.lab.hypervisors.map(({ openVswitch }) => openVswitch.appctl('dpctl/dump-flows')),
  )
  return dumps.join('\n').match(/, packets:/g)?.length ?? 0
}
