import { afterEach, beforeEach, expect, test } from 'bun:test'
import { readEvents, type ServerEvent } from '../../../cli/vnctl/events/server-events.ts'
import { createDraft } from '../../../db/state/draft.ts'
import type { Draft, Row } from '../../../db/state/types.ts'
import { StateView } from '../../../db/state/view.ts'
import { openTestStore, type TestStore } from '../../../db/testing.ts'
import { parseIpv4 } from '../../packet/address.ts'
import type { SyncHub } from '../../pipeline/sync/sync-hub.ts'
import { eventRequestOf } from './event-request.ts'
import { EventStreams } from './event-streams.ts'
import { eventLimits } from './limits.ts'
import { sharedAlarmLimits } from './shared-alarms.ts'

const noSwitches = { connected: [], get: () => undefined } as unknown as SyncHub
let database: TestStore
let view: StateView
let streams: EventStreams
let others: { applied: Map<number, number> }[]

beforeEach(async () => {
  database = await openTestStore({ keptChanges: 50 })
  const { store } = database
  view = new StateView()
  view.load(await store.snapshot())
  others = []
  const presence = {
    get others() {
      return others as never
    },
  }
  streams = new EventStreams(() => ({ state: { view, hub: noSwitches }, store, presence }))
  store.onChanges((changes) => {
    view.applyInto(changes)
    streams.changes(changes)
  })
})
afterEach(async () => {
  streams.close()
  await database.dispose()
})

async function write(change: (draft: Draft) => void): Promise<void> {
  const { draft, writes, reads } = createDraft(view, Date.now())
  change(draft)
  const result = await database.store.commit({ writes, reads, revision: draft.revision })
  if (!result.ok) throw new Error(result.kind)
}

const addNetwork = (name: string) =>
  write((draft) => {
    const key = draft.tunnelKeys.insert({ kind: 'network', freed_at: null })
    draft.networks.insert({
      ...{ uuid: `nw-${name}`, display_name: name, ipv4_network: parseIpv4('10.0.0.0')!, ipv4_prefix: 24 },
      ...{ mode: 'virtual', domain_name: name, segment_id: null, encapsulation: null, tunnel_key_id: key.id },
    })
  })
const network = (name: string) => view.networks.one('uuid', `nw-${name}`) as Row<'networks'>
const rename = (name: string, to: string) =>
  write((draft) => void draft.networks.update(network(name).id, { display_name: to }))
const remove = (name: string) => write((draft) => draft.networks.delete(network(name).id))

/** A reader of a stream: `next` gives one event after the other. */
function listen(query = '', lastEventId?: string) {
  const events = readEvents(streams.open(eventRequestOf(new URLSearchParams(query), lastEventId)))
  return {
    async next(): Promise<ServerEvent> {
      const { value, done } = await events.next()
      if (done) throw new Error('the stream has ended')
      return value
    },
    async take(count: number) {
      const taken: ServerEvent[] = []
      while (taken.length < count) taken.push(await this.next())
      return taken
    },
    close: () => events.return(undefined),
  }
}

async function listenToEnd(query: string): Promise<ServerEvent[]> {
  const events = streams.open(eventRequestOf(new URLSearchParams(query), undefined))
  return Array.fromAsync(readEvents(events))
}

test('changes are told as they are committed, in the words of the API', async () => {
  const reader = listen()
  expect((await reader.next()).name).toBe('begin')
  await addNetwork('a')
  await rename('a', 'other')
  await remove('a')
  const [, created, changed, deleted] = await reader.take(4)
  expect(created!.data).toMatchObject({
    kind: 'created',
    resource: 'networks',
    uuid: 'nw-a',
    fields: { ipv4_network: '10.0.0.0', ipv4_prefix: 24, display_name: 'a' },
  })
  expect(changed!.data).toMatchObject({ fields: { display_name: 'other' }, before: { display_name: 'a' } })
  expect(Object.keys(changed!.data['fields'] as object)).toEqual(['display_name'])
  expect(deleted!.data).toMatchObject({ kind: 'deleted', uuid: 'nw-a' })
  expect(deleted!.id).toBe(String(view.revision))
})

test('who comes back is told exactly what came after, and then what comes; also of what is deleted by now', async () => {
  await addNetwork('a')
  const since = view.revision
  await write((draft) => {
    const made = draft.interfaces.insert({ uuid: 'if-a', display_name: '', mode: 'vif' } as never)
    draft.macLeases.insert({
      uuid: 'ml-a',
      interface_id: made.id,
      mac_address: 0x0200_0000_0001,
      segment_id: null,
    })
  })
  await write((draft) => draft.interfaces.delete(view.interfaces.one('uuid', 'if-a')!.id))
  await rename('a', 'b')
  const reader = listen(`since=${since}`)
  await rename('a', 'c')
  const told = await reader.take(1 + view.revision - since)
  expect(told.map(({ id }) => Number(id))).toEqual(Array.from({ length: told.length }, (_, at) => since + at))
  const lease = told.find(({ data }) => data['resource'] === 'mac_leases')
  expect(lease?.data['fields']).toMatchObject({ interface_uuid: 'if-a', mac_address: '02:00:00:00:00:01' })
  // The header of a client that comes back counts before what it asked for at first.
  const again = listen(`since=${since}`, String(view.revision - 1))
  expect((await again.take(2)).map(({ id }) => Number(id))).toEqual([view.revision - 1, view.revision])
})

test('what is compacted away is said so, and the stream goes on from now', async () => {
  await addNetwork('a')
  for (let n = 0; n < 10; n++) await rename('a', `${n}`)
  await database.store.execute('DELETE FROM changes WHERE revision < 8')
  const reader = listen('since=3')
  const [lost, begin] = await reader.take(2)
  expect([lost!.name, lost!.data['since'], begin!.name]).toEqual(['compacted', 3, 'begin'])
  expect(begin!.id).toBe(String(view.revision))
  await rename('a', 'x')
  expect((await reader.next()).data['fields']).toEqual({ display_name: 'x' })
  expect((await listen('since=8').take(2)).map(({ name }) => name)).toEqual(['begin', 'changed'])
  // A revision that never was, as after a database that went back to an older copy.
  expect((await listen('since=99999').next()).name).toBe('compacted')
})

test('filters choose, of what was and of what comes', async () => {
  const filters = ['resource=networks&kind=changed', 'uuid=nw-b', 'datapath=dp-a']
  const live = filters.map((filter) => listen(filter))
  const since = view.revision
  await addNetwork('a')
  await addNetwork('b')
  await rename('a', 'one')
  await write((draft) => {
    const made = draft.datapaths.insert({
      uuid: 'dp-a',
      display_name: '',
      dpid: '0x0000000000000001',
      node_id: 'n',
    } as never)
    draft.activePorts.insert({ datapath_id: made.id, port_name: 'p1', port_number: 1, iface_id: null })
  })
  const wanted = [
    ['begin', 'changed'],
    ['begin', 'created'],
    ['begin', 'created', 'port_appeared'],
  ]
  for (const [at, names] of wanted.entries()) {
    expect((await live[at]!.take(names.length)).map(({ name }) => name)).toEqual(names)
    const later = listen(`since=${since}&${filters[at]}`)
    expect((await later.take(names.length)).map(({ name }) => name)).toEqual(names)
  }
})

test.each([
  ['kind=made', 'kind'],
  ['resource=nets', 'resource'],
  ['uuid=a', 'uuid'],
  ['datapath=nw-a', 'datapath'],
  ['since=-1', 'since'],
  ['since=x', 'since'],
])('%s is refused by name', (query, name) => {
  expect(() => listen(query)).toThrow(new RegExp(`^${name}: must be`))
})

test('datapaths of other hosts: connected, how far they are, disconnected', async () => {
  await write(
    (draft) =>
      void draft.datapaths.insert({
        uuid: 'dp-a',
        display_name: '',
        node_id: 'n',
        dpid: '0x0000000000000001',
      } as never),
  )
  const { id } = view.datapaths.one('uuid', 'dp-a')!
  const reader = listen('datapath=dp-a')
  expect((await reader.next()).data['datapaths']).toEqual([
    { uuid: 'dp-a', connected: false, applied_revision: null },
  ])
  others = [{ applied: new Map([[id, 7]]) }]
  streams.progress()
  const [connected, applied] = await reader.take(2)
  expect([connected!.name, applied!.name, applied!.data['fields']]).toEqual([
    'datapath_connected',
    'applied',
    { applied_revision: 7 },
  ])
  others = []
  streams.progress()
  expect(await reader.next()).toMatchObject({ name: 'datapath_disconnected', id: undefined })
})

test('alarms are told with what they are about', async () => {
  const reader = listen('uuid=sg-a')
  await reader.next()
  streams.alarm({ name: 'denied', message: 'not this one', about: ['sg-b'] })
  streams.alarm({ name: 'denied', message: 'a connection', fields: { port: 22 }, about: ['if-a', 'sg-a'] })
  expect((await reader.next()).data).toMatchObject({
    kind: 'alarm',
    uuid: 'if-a',
    fields: { name: 'denied', message: 'a connection', port: 22 },
  })
})

test('alarms of other hosts are told, and those before to who was away; one of a kind at a time', async () => {
  const since = view.revision
  const reader = listen('kind=alarm')
  await reader.next()
  // Another host of the same database: what it raises comes by the feed.
  const other = new EventStreams(
    () => ({ state: { view, hub: noSwitches }, store: database.store, presence: undefined }),
    'node2',
  )
  for (const port of [22, 23])
    other.alarm({ name: 'denied', message: 'knock', fields: { port }, about: ['if-a'] })
  other.alarm({ name: 'denied', message: 'knock', about: ['if-b'] })
  const [first, second] = await reader.take(2)
  expect(first!.data).toMatchObject({
    ...{ kind: 'alarm', uuid: 'if-a' },
    fields: { name: 'denied', message: 'knock', port: 22, node_id: 'node2' },
  })
  expect([second!.data['uuid'], second!.id]).toEqual(['if-b', String(view.revision)])
  other.close()
  const late = listen(`kind=alarm&since=${since}&uuid=if-b`)
  expect((await late.take(2))[1]!.data).toEqual(second!.data)
  // What this host has told it does not tell again.
  streams.alarm({ name: 'own', message: 'here' })
  const own = await reader.next()
  expect([own.id, own.data['fields']]).toEqual([undefined, { name: 'own', message: 'here' }])
  while (view.alarms.size < 3) await Bun.sleep(1)
  streams.alarm({ name: 'own', message: 'there' })
  expect((await reader.next()).data['fields']).toEqual({ name: 'own', message: 'there' })
})

test('of alarms the newest are kept', async () => {
  const { keptMax, slack } = sharedAlarmLimits
  const many = keptMax + slack + 1
  await write((draft) => {
    for (let n = 0; n < many; n++)
      draft.alarms.insert({
        raised_by: 'x',
        name: 'x',
        message: `${n}`,
        fields: '{}',
        about: '',
        raised_at: n,
      })
  })
  streams.alarm({ name: 'y', message: 'one more' })
  while (view.alarms.size > keptMax + 1) await Bun.sleep(1)
  const messages = [...view.alarms.all()].map(({ message }) => message)
  expect([messages[0], messages.at(-1)]).toEqual([`${many - keptMax}`, 'one more'])
})

test('who reads too slowly is told so at the end, and can go on from there', async () => {
  await addNetwork('a')
  const body = streams.open(eventRequestOf(new URLSearchParams(), undefined))
  await Bun.sleep(0)
  for (let n = 0; n < eventLimits.queueEventsMax + 10; n++) streams.alarm({ name: 'x', message: `${n}` })
  await Bun.sleep(50)
  expect(streams.count).toBe(1)
  const events: ServerEvent[] = []
  for await (const event of readEvents(body)) events.push(event)
  expect(events.at(-1)).toMatchObject({ name: 'end', data: { reason: 'slow' } })
  expect(events.length).toBeLessThan(eventLimits.queueEventsMax + 10)
  expect(streams.count).toBe(0)
})

test('there are only so many streams, and who goes makes room', async () => {
  const readers = Array.from({ length: eventLimits.streamsMax }, () => listen())
  await Promise.all(readers.map((reader) => reader.next()))
  expect(() => listen()).toThrow('streams of events are open')
  await readers[0]!.close()
  expect((await listen().next()).name).toBe('begin')
})

test('what has happened is told with its end: the newest that are wanted, also of what is deleted', async () => {
  await addNetwork('a')
  await rename('a', 'b')
  await addNetwork('c')
  await remove('a')
  const all = await listenToEnd('last=100&resource=networks')
  expect(all.map(({ data }) => [data['kind'], data['uuid']])).toEqual([
    ['created', 'nw-a'],
    ['changed', 'nw-a'],
    ['created', 'nw-c'],
    ['deleted', 'nw-a'],
    [undefined, undefined],
  ])
  expect(all.at(-1)).toMatchObject({ name: 'end', data: { reason: 'complete' } })
  expect(streams.count).toBe(0)
  const newest = await listenToEnd('last=2&uuid=nw-a')
  expect(newest.map(({ name }) => name)).toEqual(['changed', 'deleted', 'end'])
  const later = await listenToEnd(`last=9&resource=networks&since=${all[1]!.id}`)
  expect(later.map(({ name }) => name)).toEqual(['created', 'deleted', 'end'])
  expect(() => eventRequestOf(new URLSearchParams('last=0'), undefined)).toThrow('last: must be 1 to 10000')
})
