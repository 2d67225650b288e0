/** Figures of the state: look-ups, drafts, commits. `bin/vnet` is not needed: `bun bench/state.ts`. */
import { createDraft } from '../db/state/draft.ts'
import type { State } from '../db/state/types.ts'
import { StateView } from '../db/state/view.ts'
import type { Store } from '../db/store/store.ts'
import { openTestStore } from '../db/testing.ts'

const macOf = (n: number) => 0x02_00_00_00_00_00 + n

/** An interface with its port, MAC, address, membership and activity: 6 rows; with `shared` for the first. */
function addInterface(
  draft: ReturnType<typeof createDraft>['draft'],
  n: number,
  networkId: number,
  datapathId: number,
): void {
  const iface = draft.interfaces.insert({ uuid: `if-${n}`, mode: 'vif', display_name: null })
  draft.interfacePorts.insert({
    interface_id: iface.id,
    datapath_id: datapathId,
    port_name: `p${n}`,
    singular: true,
    interface_mode: 'vif',
  })
  const mac = draft.macLeases.insert({
    uuid: `ml-${n}`,
    interface_id: iface.id,
    mac_address: macOf(n),
    segment_id: null,
  })
  if (draft.ipLeases.one('address', networkId, n) !== undefined) throw new Error('in use')
  draft.ipLeases.insert({
    uuid: `il-${n}`,
    interface_id: iface.id,
    mac_lease_id: mac.id,
    network_id: networkId,
    ipv4_address: n,
  })
  if (draft.interfaceNetworks.one('pair', iface.id, networkId) === undefined)
    draft.interfaceNetworks.insert({ interface_id: iface.id, network_id: networkId, interface_mode: 'vif' })
  draft.activeInterfaces.insert({
    interface_id: iface.id,
    datapath_id: datapathId,
    port_name: `p${n}`,
    port_number: n,
    singular: true,
  })
  if (draft.networks.get(networkId) === undefined) throw new Error('no network')
}

function addGround(draft: ReturnType<typeof createDraft>['draft']): { network: number; datapath: number } {
  const key = draft.tunnelKeys.insert({ kind: 'network' })
  const datapath = draft.datapaths.insert({
    uuid: 'dp-1',
    display_name: 'one',
    dpid: '0x0000000000000001',
    node_id: 'one',
  })
  const network = draft.networks.insert({
    uuid: 'nw-1',
    display_name: '',
    ipv4_network: 0,
    ipv4_prefix: 8,
    mode: 'virtual',
    domain_name: '',
    tunnel_key_id: key.id,
  })
  return { network: network.id, datapath: datapath.id }
}

const print = (what: string, figure: number, unit: string) =>
  console.log(`${what.padEnd(64)} ${figure.toFixed(figure < 10 ? 2 : 1).padStart(10)} ${unit}`)

function time(what: string, unit: 'ns' | 'ms', times: number, run: (n: number) => void): void {
  for (let n = 0; n < times; n++) run(n)
  const start = performance.now()
  for (let n = 0; n < times; n++) run(n)
  const ms = performance.now() - start
  print(what, unit === 'ns' ? (ms * 1e6) / times : ms / times, unit)
}

const must = async (commit: ReturnType<Store['commit']>) => {
  const result = await commit
  if (!result.ok) throw new Error(JSON.stringify(result))
  return result
}

const opened = await openTestStore()
const { store } = opened
const view = new StateView()
store.onChanges((changes) => void view.apply(changes))
view.load(await store.snapshot())

const ground = createDraft(view, 1)
const placeholders = addGround(ground.draft)
const { ids } = await must(
  store.commit({ writes: ground.writes, reads: ground.reads, revision: view.revision }),
)
const network = ids[placeholders.network]!
const datapath = ids[placeholders.datapath]!

const draftOf = (from: number, count: number, state: State = view) => {
  const pending = createDraft(state, 1)
  for (let n = from; n < from + count; n++) addInterface(pending.draft, n, network, datapath)
  return pending
}
time('draft of 1,000 interfaces, 6 rows and 3 look-ups each', 'ms', 5, () => void draftOf(1, 1000))

for (const [round, count] of [
  [0, 1166],
  [1, 1166],
] as const) {
  const pending = draftOf(1 + round * 1166, count)
  const start = performance.now()
  await must(store.commit({ writes: pending.writes, reads: pending.reads, revision: view.revision }))
  print(`commit of ${pending.writes.length} rows, applied to the view`, performance.now() - start, 'ms')
}

const interfaces = [...view.interfaces.all()].map((row) => row.id)
const pick = (n: number) => interfaces[n % interfaces.length]!
time('view: get by id', 'ns', 1_000_000, (n) => void view.interfaces.get(pick(n)))
time('view: one by text', 'ns', 1_000_000, (n) => void view.interfaces.one('uuid', `if-${(n % 1000) + 1}`))
time(
  'view: one by a pair',
  'ns',
  1_000_000,
  (n) => void view.ipLeases.one('address', network, (n % 1000) + 1),
)
time('view: many, 1 row', 'ns', 1_000_000, (n) => void view.ipLeases.many('interface', pick(n)))
time('view: many, 2,332 rows', 'ns', 1_000_000, () => void view.ipLeases.many('network', network))
const tracked = (what: string, run: (n: number) => void) =>
  time(
    what,
    'ns',
    1_000,
    (n) =>
      void view.track(() => {
        for (let at = 0; at < 1000; at++) run(n * 1000 + at)
      }),
  )
console.log('tracked figures are for 1,000 look-ups')
tracked('tracked: get by id', (n) => void view.interfaces.get(pick(n)))
tracked('tracked: one by a pair', (n) => void view.ipLeases.one('address', network, (n % 1000) + 1))
tracked('tracked: many, 1 row', (n) => void view.ipLeases.many('interface', pick(n)))

async function commitsPerSecond(inFlight: number, total: number): Promise<void> {
  const latencies: number[] = []
  let next = 100_000
  const start = performance.now()
  await Promise.all(
    Array.from({ length: inFlight }, async () => {
      while (next < 100_000 + total) {
        const n = next++
        const began = performance.now()
        const { draft, writes, reads } = createDraft(view, 1)
        const iface = draft.interfaces.insert({
          uuid: `if-${n}-${inFlight}`,
          mode: 'vif',
          display_name: null,
        })
        draft.macLeases.insert({
          uuid: `ml-${n}-${inFlight}`,
          interface_id: iface.id,
          mac_address: macOf(n * 100 + inFlight),
        })
        await must(store.commit({ writes, reads, revision: draft.revision }))
        latencies.push(performance.now() - began)
      }
    }),
  )
  const seconds = (performance.now() - start) / 1000
  latencies.sort((a, b) => a - b)
  print(`commits of 2 rows a second, ${inFlight} in flight`, total / seconds, '/s')
  print('  p50', latencies[Math.floor(total * 0.5)]!, 'ms')
  print('  p99', latencies[Math.floor(total * 0.99)]!, 'ms')
}
await commitsPerSecond(1, 2_000)
await commitsPerSecond(32, 20_000)
await opened.dispose()
