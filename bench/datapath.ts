/**
 * Machine to machine: in a network, by a router, and held against a security group; on one host, on two, and in a tunnel.
 * The first packet of a connection, TCP, how many tables a packet goes through, and what the caches hold after many
 * flows. In the same run plain Open vSwitch (one flow, NORMAL), where it knows a way; and OVN (Geneve between hosts), where it is installed.
 *   bun bench/datapath.ts        (root)
 */
import {
  configure,
  firstPacket,
  megaflows,
  tables,
  tcp,
  udpFlows,
  untilReached,
} from './datapath/measures.ts'
import { startOurs, startPlain } from './datapath/peers.ts'
import { type Path, type Peer, paths } from './datapath/plan.ts'
import { startOvnLab } from './ovn/lab.ts'
import { p50, printLoad } from './support/measure.ts'

const firstPacketRounds = 25
const tcpRounds = 3
const megaflowRounds = 3
const tablesAim = 25

/** One round of each in turn, so that they have the same machine. */
async function inTurn(
  peers: readonly Peer[],
  rounds: number,
  measure: (peer: Peer) => Promise<number>,
  choose: (figures: readonly number[]) => number = p50,
): Promise<number[]> {
  const figures = peers.map((): number[] => [])
  for (let round = 0; round < rounds; round++)
    for (const [n, peer] of peers.entries()) figures[n]!.push(await measure(peer))
  return figures.map(choose)
}

async function measurePath(all: readonly Peer[], path: Path): Promise<void> {
  const peers = all.filter((peer) => peer.reaches(path))
  const print = (what: string, [ours = 0, ...theirs]: readonly number[], digits: number, unit = '') => {
    const beside = theirs.map((value, n) => {
      const ratio = (ours / value).toFixed(2)
      return `, ${peers[n + 1]!.name} ${value.toFixed(digits)} (ratio ${ratio})`
    })
    console.log(`  ${what}: ${ours.toFixed(digits)}${unit}${beside.join('')}`)
  }
  console.log(path.name)
  for (const peer of peers) await untilReached(peer, path)
  const first = await inTurn(peers, firstPacketRounds, (peer) => firstPacket(peer, path))
  print('first packet, there and back, p50', first, 2, ' ms')
  const streams = await inTurn(peers, tcpRounds, (peer) => tcp(peer, path))
  print(`TCP, median of ${tcpRounds}`, streams, 2, ' Gbit/s')
  const lookups = await inTurn(peers, 1, (peer) => tables(peer, path))
  print(`tables on the sender's side, at most ${tablesAim}`, lookups, 0)
  // Some may not be there yet when they are counted.
  const most = (figures: readonly number[]) => Math.max(...figures)
  const cached = await inTurn(peers, megaflowRounds, (peer) => megaflows(peer, path), most)
  print(`megaflows of ${udpFlows} UDP flows, on all hosts`, cached, 0)
}

const peers: Peer[] = []
try {
  for (const start of [startOurs, startPlain, startOvnLab]) {
    const peer = await start()
    if (peer === undefined) continue
    peers.push(peer)
    await configure(peer)
  }
  printLoad()
  for (const path of paths) await measurePath(peers, path)
} finally {
  for (const peer of peers) await peer.stop()
}
