/** Lists of a database as large as real ones: pages are whole, in order, and quick wherever they are. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { openTestApi, type TestApi } from './testing.ts'

const many = 10_000
const pageMsMax = 100

let api: TestApi
beforeAll(async () => {
  api = await openTestApi()
  await api.call('POST', '/networks', { uuid: 'nw-a', ipv4_network: '10.0.0.0', ipv4_prefix: 16 })
  await api.call('POST', '/topologies', { uuid: 'topo-a', mode: 'simple_overlay' })
  await api.write((draft) => {
    for (let n = 1; n <= many; n++) {
      const iface = draft.interfaces.insert({ uuid: `if-${n}`, mode: 'vif' })
      const values = { interface_id: iface.id, mac_address: 0x0200_0000_0000 + n }
      const mac = draft.macLeases.insert({ uuid: `ml-${n}`, ...values })
      const address = { network_id: 1, ipv4_address: 0x0a00_0000 + n }
      const owner = { interface_id: iface.id, mac_lease_id: mac.id }
      draft.ipLeases.insert({ uuid: `il-${n}`, ...owner, ...address })
      const segment = draft.segments.insert({
        ...{ uuid: `seg-${n}`, mode: 'virtual' },
        tunnel_key_id: draft.tunnelKeys.insert({ kind: 'segment' }).id,
      })
      draft.topologySegments.insert({ topology_id: 1, segment_id: segment.id })
    }
  })
}, 60_000)
afterAll(() => api?.dispose())

const lists = [
  ['interfaces', 'if', 'uuid'],
  ['mac_leases', 'ml', 'uuid'],
  ['ip_leases', 'il', 'uuid'],
  ['topologies/topo-a/segments', 'seg', 'segment_uuid'],
] as const

test.each(lists)('%s', async (path, prefix, key) => {
  const page = async (query: string) => (await api.call('GET', `/${path}${query}`)).json
  const uuids = ({ items }: { items: Record<string, string>[] }) => items.map((item) => item[key]!)
  const named = (from: number, to: number) =>
    Array.from({ length: to - from + 1 }, (_, index) => `${prefix}-${from + index}`)
  const first = await page('')
  expect(first).toMatchObject({ total_count: many, offset: 0, limit: 30 })
  expect(uuids(first)).toEqual(named(1, 30))
  expect(uuids(await page(`?limit=7&offset=${many - 5}`))).toEqual(named(many - 4, many))
  expect(uuids(await page(`?limit=1&offset=${many}`))).toEqual([])
})

test('a page takes as long as it is, not as the list is', async () => {
  for (const [path] of lists) {
    const times: number[] = []
    for (let count = 0; count < 5; count++) {
      const began = performance.now()
      await api.call('GET', `/${path}?limit=30&offset=${many - 30}`)
      times.push(performance.now() - began)
    }
    const [, , median] = times.toSorted((a, b) => a - b)
    expect([path, median! < pageMsMax, median]).toEqual([path, true, median])
  }
})
