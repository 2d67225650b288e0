/**
 * Machine to machine through our flows, and in the same run through plain Open vSwitch (one flow, NORMAL): the first
 * packet of a connection, TCP, and how many tables a packet goes through; and the same by a router, which plain
 * switches are not.
 *   bun bench/datapath.ts        (root)
 */
import { resolve } from 'node:path'
import { type Lab, startLab } from '../cli/lab/lab.ts'
import { ipBatch } from '../cli/lab/namespaces.ts'
import type { LabPlan } from '../cli/lab/plan.ts'
import { physicalRequests } from '../cli/vnet/demo/network.ts'
import { startNetwork } from '../tests/support/network.ts'
import { eventually } from '../tests/support/open-vswitch.ts'
import { type NetworkPlan, networkRequests, routerMac, routerRequests } from '../tests/support/requests.ts'
import { p50, printLoad } from './support/measure.ts'

const firstPacketRounds = 11
const tcpRounds = 3
const tcpBytes = 64 << 20
const tcpTimeoutS = 30
const tunnelMtu = 1_458
const tablesAim = 25

const isRouted = (name: string) => name.startsWith('r')

/** Two machines on node 1, one on node 2 in the same physical subnet, one on node 3 behind a router; r1 to r3 are in a network of their own. */
const names = [
  ['m1', 'm2', 'r1'],
  ['m3', 'r2'],
  ['m4', 'r3'],
]
const plan: LabPlan = {
  subnets: [
    { name: 'a', gateway: '192.168.10.1' },
    { name: 'b', gateway: '192.168.20.1' },
  ],
  hypervisors: names.map((machines, n) => ({
    name: `node${n + 1}`,
    subnet: n < 2 ? 'a' : 'b',
    address: `192.168.${n < 2 ? 10 : 20}.${11 + n}`,
    dpid: `000000000000000${n + 1}`,
    mac: `02:00:00:00:00:0${n + 1}`,
    machines: machines.map((name) => ({
      name,
      mac: `52:54:00:00:0${isRouted(name) ? 2 : 1}:0${name.slice(1)}`,
    })),
  })),
}
const networks: readonly NetworkPlan[] = [
  { name: 'm', number: 1 },
  { name: 'r', number: 2, subnet: '10.1.0' },
]
const subnetOf = (name: string) => (isRouted(name) ? '10.1.0' : '10.0.0')
const addressOf = (name: string) => `${subnetOf(name)}.${10 + Number(name.slice(1))}`
const paths = [
  { name: 'same host', to: 'm2' },
  { name: 'other host, same physical network', to: 'm3' },
  { name: 'other host, tunnel (GRE)', to: 'm4' },
  { name: 'routed, same host', to: 'r1' },
  { name: 'routed, other host, same physical network', to: 'r2' },
  { name: 'routed, other host, tunnel (GRE)', to: 'r3' },
]

const configure = (lab: Lab) =>
  Promise.all(
    lab.machines.map(({ name, netns }) =>
      ipBatch(netns, [
        `address add ${addressOf(name)}/24 dev eth0`,
        `link set eth0 mtu ${name === 'm4' || isRouted(name) ? tunnelMtu : 1500}`,
        `route add default via ${subnetOf(name)}.1`,
      ]),
    ),
  )

/** The round trip of a packet for which no switch has anything in its caches, in ms. */
async function firstPacket(lab: Lab, to: string): Promise<number> {
  await Promise.all(lab.hypervisors.map(({ openVswitch }) => openVswitch.appctl('dpctl/del-flows')))
  const ms = await lab.machine('m1').ping(addressOf(to))
  if (ms === null) throw new Error(`the first packet to ${to} was lost`)
  return ms
}

/** Gbit/s. */
async function tcp(lab: Lab, to: string): Promise<number> {
  const program = (name: string, ...args: string[]) => {
    const inside = ['timeout', `${tcpTimeoutS}`, 'ip', 'netns', 'exec', lab.machine(name).netns]
    const command = [...inside, process.execPath, resolve(import.meta.dir, 'datapath/stream.ts'), ...args]
    return Bun.spawn(command, { stdin: 'ignore', stdout: 'pipe', stderr: 'inherit' })
  }
  const server = program(to, 'serve', addressOf(to))
  const reader = server.stdout.getReader()
  await reader.read()
  await program('m1', 'send', addressOf(to), `${tcpBytes}`).exited
  const [bytes = 0, ms = 0] = new TextDecoder()
    .decode((await reader.read()).value)
    .split(' ')
    .map(Number)
  if (bytes !== tcpBytes) throw new Error(`${bytes} of ${tcpBytes} bytes came`)
  return (bytes * 8) / ms / 1e6
}

/** Tables that a packet from machine 1 is looked up in, on its own hypervisor. */
async function tables(lab: Lab, to: string): Promise<number> {
  const { openVswitch } = lab.hypervisor('node1')
  const port = await openVswitch.vsctl('get', 'interface', 'm1', 'ofport')
  const packet = [
    `in_port=${port},icmp`,
    `dl_src=${lab.machine('m1').mac},dl_dst=${isRouted(to) ? routerMac(1) : lab.machine(to).mac}`,
    `nw_src=${addressOf('m1')},nw_dst=${addressOf(to)},nw_ttl=64,icmp_type=8`,
  ].join(',')
  const trace = await openVswitch.appctl('ofproto/trace', 'br0', packet)
  // A router's check of the size is followed both ways: two more than a packet goes through.
  return trace.match(/^\s*\d+\. /gm)?.length ?? 0
}

const network = await startNetwork(plan, [
  ...physicalRequests(plan),
  ...networks.flatMap((one) => networkRequests(plan, one)),
  ...routerRequests('all', networks),
])
const { lab } = network
let plain: Lab | undefined
try {
  plain = await startLab(plan)
  await Promise.all([configure(lab), configure(plain)])
  for (const { openVswitch } of plain.hypervisors)
    await openVswitch.ofctl('add-flow', 'br0', 'actions=NORMAL')
  printLoad()
  for (const { name, to } of paths) {
    // Plain switches know no way to another physical network, and none between networks.
    const peers = to === 'm4' || isRouted(to) ? [lab] : [lab, plain]
    for (const each of peers)
      await eventually(`a ping to ${to}`, async () => (await each.machine('m1').ping(addressOf(to))) ?? false)
    const first: number[][] = [[], []]
    for (let round = 0; round < firstPacketRounds; round++)
      for (const [n, each] of peers.entries()) first[n]!.push(await firstPacket(each, to))
    const streams: number[][] = [[], []]
    for (let round = 0; round < tcpRounds; round++)
      for (const [n, each] of peers.entries()) streams[n]!.push(await tcp(each, to))
    const compared = (figures: number[][], unit: string) => {
      const [ours = 0, theirs] = figures.filter((list) => list.length > 0).map(p50)
      const beside =
        theirs === undefined ? '' : `, plain ${theirs.toFixed(2)}, ratio ${(ours / theirs).toFixed(2)}`
      return `${ours.toFixed(2)} ${unit}${beside}`
    }
    console.log(name)
    console.log(`  first packet, there and back, p50: ${compared(first, 'ms')}`)
    console.log(`  TCP, median of ${tcpRounds}: ${compared(streams, 'Gbit/s')}`)
    console.log(`  tables on the sender's side: ${await tables(lab, to)} of at most ${tablesAim}`)
  }
} finally {
  await network.stop()
  await plain?.stop()
}
