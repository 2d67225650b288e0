/**
 * Figures of the state beside their aims: look-ups, drafts and commits, on a file and on a libSQL server.
 * `bun bench/state.ts`
 */
import { createDraft } from '../db/state/draft.ts'
import { StateView } from '../db/state/view.ts'
import { type CommitResult, openStore, type Store } from '../db/store/store.ts'
import { createTestDatabase } from '../db/testing.ts'
import { addGround, draftInterfaces, type Ground, rowsPerInterface } from './state/rows.ts'

/** Others work on this machine too: the quickest of many runs counts. */
const runs = 30
const bulkInterfaces = 1_166

function print(what: string, figure: number, unit: string, aim: number | undefined, more = false): void {
  const ratio =
    aim === undefined ? '' : ` aim ${more ? '≥' : '≤'} ${aim} (${(figure / aim).toFixed(2)} of it)`
  console.log(
    `${what.padEnd(58)} ${figure.toFixed(figure < 10 ? 2 : 0).padStart(8)} ${unit.padEnd(3)}${ratio}`,
  )
}

/** Nanoseconds a call, in the best of some runs of `calls` each. */
function bestNs(calls: number, run: (n: number) => void): number {
  let best = Number.POSITIVE_INFINITY
  for (let round = 0; round < runs; round++) {
    const start = Bun.nanoseconds()
    for (let n = 0; n < calls; n++) run(n)
    best = Math.min(best, (Bun.nanoseconds() - start) / calls)
  }
  return best
}

async function must(commit: Promise<CommitResult>) {
  const result = await commit
  if (!result.ok) throw new Error(JSON.stringify(result))
  return result
}

interface Host {
  readonly store: Store
  readonly view: StateView
}

async function openHost(url: string): Promise<Host> {
  const store = await openStore({ url })
  const view = new StateView()
  store.onChanges((changes) => void view.apply(changes))
  view.load(await store.snapshot())
  return { store, view }
}

async function prepare({ store, view }: Host): Promise<Ground> {
  const { draft, writes, reads } = createDraft(view, 1)
  const placeholders = addGround(draft)
  const { ids } = await must(store.commit({ writes, reads, revision: view.revision }))
  return { network: ids[placeholders.network]!, datapath: ids[placeholders.datapath]! }
}

async function bulk({ store, view }: Host, ground: Ground, aim: number | undefined): Promise<void> {
  let best = Number.POSITIVE_INFINITY
  for (let round = 0; round < 6; round++) {
    const { writes, reads } = draftInterfaces(view, 1 + round * bulkInterfaces, bulkInterfaces, ground)
    const start = performance.now()
    await must(store.commit({ writes, reads, revision: view.revision }))
    best = Math.min(best, performance.now() - start)
    await Bun.sleep(100)
  }
  print(
    `commit of ${(bulkInterfaces * rowsPerInterface).toLocaleString('en')} rows, until the view has them`,
    best,
    'ms',
    aim,
  )
}

function lookUps({ view }: Host, ground: Ground): void {
  const ids = [...view.interfaces.all()].map(({ id }) => id)
  let sink = 0
  const reads: Record<string, (n: number) => unknown> = {
    'a row by id': (n) => view.interfaces.get(ids[n % 1000]!),
    'a row by text': (n) => view.interfaces.one('uuid', `if-${1 + (n % 1000)}`),
    'a row by two columns': (n) => view.ipLeases.one('address', ground.network, 1 + (n % 1000)),
    'a list of 1': (n) => view.ipLeases.many('interface', ids[n % 1000]!),
    [`a list of ${view.ipLeases.size.toLocaleString('en')}`]: () =>
      view.ipLeases.many('network', ground.network),
  }
  for (const [what, read] of Object.entries(reads)) {
    const count = (n: number) => {
      if (read(n) !== undefined) sink++
    }
    print(`look-up: ${what}`, bestNs(10_000, count), 'ns', 400)
    const tracked = bestNs(1, () => void view.track(() => void [...Array(1000).keys()].forEach(count))) / 1000
    print(`look-up: ${what}, tracked`, tracked, 'ns', 400)
  }
  if (sink === 0) throw new Error('nothing was found')
  print(
    'draft of 1,000 interfaces, 6 rows and 2 look-ups each',
    bestNs(1, () => void draftInterfaces(view, 1e6, 1000, ground)) / 1e6,
    'ms',
    60,
  )
}

let next = 1_000_000
/** Small commits from so many at a time. */
async function commits(
  { store, view }: Host,
  inFlight: number,
  total: number,
  aim: number | undefined,
  aimMs: number | undefined,
): Promise<void> {
  const latencies: number[] = []
  let left = total
  const start = performance.now()
  const client = async () => {
    while (left-- > 0) {
      const n = next++
      const began = performance.now()
      const { draft, writes, reads } = createDraft(view, 1)
      const { id } = draft.interfaces.insert({ uuid: `if-${n}`, mode: 'vif', display_name: null })
      draft.macLeases.insert({ uuid: `ml-${n}`, interface_id: id, mac_address: n })
      await must(store.commit({ writes, reads, revision: draft.revision }))
      latencies.push(performance.now() - began)
    }
  }
  await Promise.all(Array.from({ length: inFlight }, client))
  const seconds = (performance.now() - start) / 1000
  latencies.sort((a, b) => a - b)
  print(`commits of 2 rows, ${inFlight} in flight`, total / seconds, '/s', aim, true)
  print('  p50', latencies[Math.floor(total * 0.5)]!, 'ms', undefined)
  print('  p99', latencies[Math.floor(total * 0.99)]!, 'ms', aimMs)
}

/** From the answer of a commit on one host until another host's view has it. */
async function feed(writer: Host, reader: Host): Promise<void> {
  const latencies: number[] = []
  for (let n = 0; n < 300; n++) {
    const arrived = Promise.withResolvers<number>()
    const uuid = `feed-${n}`
    reader.store.onChanges(
      () => reader.view.interfaces.one('uuid', uuid) !== undefined && arrived.resolve(performance.now()),
    )
    const { draft, writes, reads } = createDraft(writer.view, 1)
    draft.interfaces.insert({ uuid, mode: 'vif', display_name: null })
    await must(writer.store.commit({ writes, reads, revision: draft.revision }))
    const acknowledged = performance.now()
    latencies.push(Math.max(0, (await arrived.promise) - acknowledged))
  }
  latencies.sort((a, b) => a - b)
  print('a commit until another host has it, p50', latencies[150]!, 'ms', 10)
  print('  p99', latencies[297]!, 'ms', undefined)
}

for (const useServer of [false, true]) {
  console.log(useServer ? '\non a libSQL server of this machine' : 'on a file')
  const database = await createTestDatabase(useServer)
  const host = await openHost(database.url)
  const ground = await prepare(host)
  await bulk(host, ground, useServer ? undefined : 80)
  if (!useServer) lookUps(host, ground)
  await commits(host, 1, 1_000, undefined, undefined)
  await commits(host, 32, 20_000, useServer ? undefined : 5_000, useServer ? undefined : 10)
  if (useServer) {
    const other = await openHost(database.url)
    await feed(host, other)
    await other.store.close()
  }
  await host.store.close()
  await database.dispose()
}
