/**
 * What looking costs in a network of 1,000 ports: trying a batch, following a packet, reading the flows; and what streams of
 * events cost those who write.
 *   bun bench/looking.ts      (root)
 */
import { listenTo } from '../tests/support/event-reader.ts'
import { interfaceBody, startBigNetwork } from './support/big-network.ts'
import { p50, printLoad, timed } from './support/measure.ts'

const ports = 1_000
const rounds = 20
const streams = 20

const network = await startBigNetwork(ports + rounds)
const { host } = network

async function times(run: (round: number) => Promise<unknown>): Promise<string> {
  const ms: number[] = []
  for (let round = 0; round < rounds; round++) ms.push(await timed(() => run(round)))
  return `${p50(ms).toFixed(1)} ms`
}

const tell = (what: string, text: string) => console.log(`${what.padEnd(58)} ${text.padStart(12)}`)
const tried = (items: unknown) => host.api('POST', '/batch?dry_run=true', items)
const oneMore = async () => {
  await network.plug(ports, 1)
}

try {
  printLoad()
  await network.plug(0, ports)
  tell('one more port, and one less', await times(async () => oneMore().then(() => network.unplug(ports, 1))))
  const readers = await Promise.all(Array.from({ length: streams }, () => listenTo(host.apiUrl)))
  tell(
    `the same, with ${streams} streams of events`,
    await times(async () => oneMore().then(() => network.unplug(ports, 1))),
  )
  await network.plug(ports, 1)
  await readers[0]!.until('the last port', ({ data }) => data['uuid'] === `if-p${ports}`)
  await network.unplug(ports, 1)
  for (const reader of readers) reader.close()
  const post = { method: 'POST', path: '/interfaces', body: interfaceBody(ports) }
  tell('to try one more port', await times(() => tried([post])))
  const all = Array.from({ length: ports }, (_, n) => ({ method: 'DELETE', path: `/interfaces/if-p${n}` }))
  tell(`to try to delete all ${ports}`, `${(await timed(() => tried(all))).toFixed(0)} ms`)
  const packet = { interface_uuid: 'if-p1', packet: `icmp,ipv4_dst=${interfaceBody(2).ipv4_address}` }
  tell('to follow a packet', await times(() => host.api('POST', '/trace', packet)))
  tell('to read the flows', await times(() => host.api('GET', '/datapaths/dp-node1/flows')))
  tell(
    'to read those of a table',
    await times(() => host.api('GET', '/datapaths/dp-node1/flows?table=classifier')),
  )
} finally {
  await network.stop()
}
