import { afterEach, beforeEach, expect, test } from 'bun:test'
import { openTestApi, type TestApi } from '../testing.ts'

let api: TestApi
beforeEach(async () => {
  api = await openTestApi()
})
afterEach(() => api.dispose())

const create = (body: object) => api.call('POST', '/networks', { ipv4_network: '10.0.0.0', ...body })

test('a network whose address has bits beyond its prefix is refused, and the right address named', async () => {
  const answer = await create({ ipv4_network: '10.0.0.5', ipv4_prefix: 24 })
  expect(answer.status).toBe(400)
  expect(answer.json).toMatchObject({ code: '110', message: expect.stringContaining('10.0.0.0') })
  expect((await create({ ipv4_network: '10.0.0.5', ipv4_prefix: 32 })).status).toBe(200)
})

test.each([0, 33, -1])('prefix %j is refused', async (ipv4_prefix) => {
  const { status, json } = await create({ ipv4_prefix })
  expect(status).toBe(400)
  expect(json.message).toBe(`ipv4_prefix: must be 1 to 32, not ${ipv4_prefix}`)
})

test.each([
  [{ mode: 'vfi' }, 'mode: must be one of physical, virtual, internal, not "vfi"'],
  [{ ipv4_prefix: 'many' }, 'ipv4_prefix: must be an integer, not "many"'],
  [{ ipv4_prefix: [24] }, 'ipv4_prefix: must be one value, not a list'],
  [{ uuid: 'nw-A' }, 'Network#uuid: nw-A: expected nw- and 1 to 16 of a-z and 0-9'],
  [{ uuid: 'nw-a.b' }, 'Network#uuid: nw-a.b: expected nw- and 1 to 16 of a-z and 0-9'],
  [{ segment_uuid: 'a' }, 'Segment#segment_uuid: a: expected seg- and 1 to 16 of a-z and 0-9'],
  [
    { ipv4_network: '10.0.0' },
    expect.stringMatching(/^ipv4_network: must be an IPv4 address.*, not "10.0.0"$/),
  ],
  [{ domain_name: 'a\n' }, 'domain_name: must be text without control characters, not "a\\n"'],
])('%j is refused with what is allowed', async (body, message) => {
  const { status, json } = await create(body)
  expect([status, json.message]).toEqual([400, message])
})

test.each([
  [-1, 'limit: must be 1 to 10000, not -1'],
  [20_000, 'limit: must be 1 to 10000, not 20000'],
])('a limit of %j is refused', async (limit, message) => {
  expect((await api.call('GET', `/networks?limit=${limit}`)).json.message).toBe(message)
})

test('a network without a mode has none', async () => {
  expect((await create({})).json.mode).toBeNull()
})

test('a prefix after the address counts, and must not contradict', async () => {
  expect((await create({ ipv4_network: '10.0.0.0/16' })).json).toMatchObject({
    ipv4_network: '10.0.0.0',
    ipv4_prefix: 16,
  })
  expect((await create({ ipv4_network: '10.0.0.0/16', ipv4_prefix: 16 })).status).toBe(200)
  for (const body of [
    { ipv4_network: '10.0.0.0/16', ipv4_prefix: 24 },
    { ipv4_network: '0.0.0.0/0' },
    { ipv4_network: '10.0.0.0/33' },
    { ipv4_network: '224.0.0.0' },
  ])
    expect((await create(body)).status).toBe(400)
})

test('numbers are read as Ruby reads them; others are refused by name', async () => {
  expect((await create({ ipv4_prefix: '0x18' })).json.ipv4_prefix).toBe(24)
  expect((await create({ ipv4_prefix: '030' })).json.ipv4_prefix).toBe(24)
  const { status, json } = await create({ ipv4_prefix: 'many' })
  expect(status).toBe(400)
  expect(json).toMatchObject({ code: '110', message: expect.stringContaining('ipv4_prefix') })
})

test('encapsulation is gre where nothing is said, and can be changed', async () => {
  expect((await create({ uuid: 'nw-a' })).json.encapsulation).toBe('gre')
  expect((await api.call('PUT', '/networks/nw-a', { encapsulation: 'geneve' })).json.encapsulation).toBe(
    'geneve',
  )
  expect((await api.call('PUT', '/networks/nw-a', { encapsulation: 'ipip' })).status).toBe(400)
})

test('every network and segment has a tunnel key of its own, which nobody has for a day after it', async () => {
  await api.call('POST', '/segments', { uuid: 'seg-a', mode: 'virtual' })
  await create({ uuid: 'nw-a' })
  await create({ uuid: 'nw-b', segment_uuid: 'seg-a' })
  const keys = [...api.view.networks.all(), ...api.view.segments.all()].map((row) => row.tunnel_key_id)
  expect(new Set(keys).size).toBe(3)
  const free = () => api.view.tunnelKeys.many('kind', 'free').map(({ id }) => id)
  expect(free()).toEqual([])
  expect((await api.call('DELETE', '/segments/seg-a')).json).toEqual(['seg-a'])
  expect(api.view.networks.size).toBe(1)
  expect(free()).toHaveLength(2)
  const keyOf = (uuid: string) => api.view.networks.one('uuid', uuid)!.tunnel_key_id
  await create({ uuid: 'nw-c' })
  expect(keys).not.toContain(keyOf('nw-c'))
  const [first, second] = free()
  await api.write((draft) => void draft.tunnelKeys.update(second!, { freed_at: Date.now() - 86_400_000 }))
  await create({ uuid: 'nw-d' })
  expect(keyOf('nw-d')).toBe(second!)
  expect(api.view.tunnelKeys.get(second!)).toMatchObject({ kind: 'network', freed_at: null })
  expect(free()).toEqual([first!])
})

test('a deleted uuid may be used again', async () => {
  await create({ uuid: 'nw-a' })
  expect((await api.call('DELETE', '/networks/nw-a')).json).toEqual(['nw-a'])
  expect((await api.call('DELETE', '/networks/nw-a')).status).toBe(404)
  expect((await create({ uuid: 'nw-a', display_name: 'again' })).json.display_name).toBe('again')
})

test('pages have bounds, and answer what they are', async () => {
  for (const number of [1, 2, 3]) await create({ uuid: `nw-${number}` })
  const page = await api.call('GET', '/networks?limit=1&offset=1')
  expect(page.json).toMatchObject({ total_count: 3, offset: 1, limit: 1, items: [{ uuid: 'nw-2' }] })
  expect((await api.call('GET', '/networks?offset=99')).json.items).toEqual([])
  for (const query of ['limit=0', 'limit=10001', 'limit=-1', 'offset=-1', 'limit=x', 'limit=1e3'])
    expect((await api.call('GET', `/networks?${query}`)).status).toBe(400)
})

test('what is not there yet is unknown, never ignored', async () => {
  const { status, json } = await create({ topology_uuid: 'topo-a' })
  expect(status).toBe(404)
  expect(json).toMatchObject({ code: '100', message: 'Topology#topology_uuid: topo-a' })
})

test('text with control characters or too much of it is refused by name', async () => {
  for (const display_name of ['a\u0000b', 'a\nb', '\u001b[31m', '\ud800', 'x'.repeat(256)]) {
    const { status, json } = await create({ display_name })
    expect(status).toBe(400)
    expect(json.message).toStartWith('display_name: must be')
  }
  expect((await create({ display_name: 'Grüße 🕸' })).json.display_name).toBe('Grüße 🕸')
})

test('a change of nothing writes nothing', async () => {
  await create({ uuid: 'nw-a' })
  const { revision } = api.view
  const answer = await api.call('PUT', '/networks/nw-a', { ipv4_network: '10.9.0.0' })
  expect([answer.json.ipv4_network, answer.revision]).toEqual(['10.0.0.0', revision])
})

test('a refusal quotes only so much of what was sent', async () => {
  const { status, body } = await create({ uuid: 'x'.repeat(100_000) })
  expect([status, body.length < 2_000]).toEqual([400, true])
})
