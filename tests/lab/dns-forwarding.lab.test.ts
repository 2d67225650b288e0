/** What a network does not know itself is asked of other servers, and nobody waits for them but who asked. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'bun:test'
import { demoPlan } from '../../cli/lab/plan.ts'
import { demoRequests } from '../../cli/vnet/demo/network.ts'
import { askRaw, askTcp, lookUp, queryText, withLength } from '../support/dns-client.ts'
import { addressRecord, soaRecord, Upstream } from '../support/dns-upstream.ts'
import { type Network, startNetwork } from '../support/network.ts'
import { eventually } from '../support/open-vswitch.ts'
import { arriving } from '../support/wire.ts'

const server = '10.0.0.2'
const patienceMs = 4_900
let network: Network
let first: Upstream
let second: Upstream
/** By IPv6. */
let third: Upstream
let serial = 0
const machine = (name: string) => network.lab.machine(name)
const ask = (name: string, type: string, what: string) => lookUp(machine(name), server, type, what)
/** A name that nobody has asked for yet. */
const fresh = () => `name${++serial}.outside.test`

const dnsOf = (tenant: string, servers: string) => [
  { method: 'PUT', path: `/networks/nw-${tenant}`, body: { domain_name: `${tenant}.example` } },
  {
    method: 'POST',
    path: '/network_services',
    body: { uuid: `ns-${tenant}dns`, interface_uuid: `if-${tenant}dhcp`, mode: 'dns' },
  },
  {
    method: 'POST',
    path: '/dns_services',
    body: { uuid: `dnss-${tenant}`, network_service_uuid: `ns-${tenant}dns`, public_dns: servers },
  },
]

beforeAll(async () => {
  first = await Upstream.start()
  second = await Upstream.start()
  third = await Upstream.start(6)
  network = await startNetwork(demoPlan, [
    ...demoRequests(demoPlan),
    ...dnsOf('red', `${first.address}, ${second.address}`),
    ...dnsOf('blue', second.address),
  ])
  await Promise.all(['red1', 'red2', 'red3', 'blue1'].map((name) => machine(name).dhcp()))
})
beforeEach(() => {
  for (const upstream of [first, second, third]) {
    upstream.asked.length = 0
    upstream.says = () => ({ answers: [addressRecord('192.0.2.1', 300)] })
  }
})
afterAll(async () => {
  await Promise.all([first, second, third].map((upstream) => upstream?.stop()))
  await network?.stop()
})
afterEach(() => network.check())

test('a name of the world is asked for once, and remembered for all who ask the same servers', async () => {
  const name = fresh()
  for (const guest of ['red1', 'red3', 'red1'])
    expect(await ask(guest, 'A', name)).toEqual({ records: ['192.0.2.1'] })
  expect(first.names()).toEqual([name])
  expect(second.names()).toEqual([])
  // Blue's servers are others: what red's said is nothing to it.
  expect(await ask('blue1', 'A', name)).toEqual({ records: ['192.0.2.1'] })
  expect(second.names()).toEqual([name])
  // What is ours is never asked for.
  expect(await ask('red1', 'A', 'nobody.red.example')).toEqual({ error: 'ENOTFOUND' })
  expect(first.asked).toHaveLength(1)
}, 30_000)

test('who asks the same while it is being asked for gets the answer to that question', async () => {
  const name = fresh()
  first.says = async () => {
    await Bun.sleep(600)
    return { answers: [addressRecord('192.0.2.3', 300)] }
  }
  const asked = ['red1', 'red2', 'red3', 'red1'].map((guest) => ask(guest, 'A', name))
  expect(await Promise.all(asked)).toEqual(asked.map(() => ({ records: ['192.0.2.3'] })))
  expect(first.names()).toEqual([name])
  expect(second.names()).toEqual([])
}, 30_000)

test('servers are asked by IPv6, too', async () => {
  const change = (public_dns: string) =>
    network.host.api('PUT', '/dns_services/dnss-blue?wait=applied', { public_dns })
  await change(third.address)
  const name = fresh()
  expect(await ask('blue1', 'A', name)).toEqual({ records: ['192.0.2.1'] })
  expect([third.names(), second.names()]).toEqual([[name], []])
  await change(second.address)
}, 30_000)

test('an alias of a name of the world is followed there', async () => {
  const name = fresh()
  await network.host.api('POST', '/dns_services/dnss-red/dns_records?wait=applied', {
    uuid: 'dnsr-out',
    name: 'out',
    target: name,
  })
  for (const guest of ['red1', 'red3'])
    expect(await ask(guest, 'A', 'out.red.example')).toEqual({ records: ['192.0.2.1'] })
  expect(first.names()).toEqual([name])
}, 30_000)

test('each question has a number and a port of its own, and letters as they were asked', async () => {
  const names = Array.from({ length: 8 }, () => fresh().replace('name', 'NaMe'))
  const answers = await askRaw(
    machine('red1'),
    server,
    names.map((name) => queryText(name, 1)),
  )
  for (const [at, answer] of answers.entries())
    expect(answer.slice(24)).toStartWith(queryText(names[at]!, 1).slice(24))
  expect(first.names().sort()).toEqual([...names].sort())
  expect(new Set(first.asked.map(({ port }) => port)).size).toBeGreaterThan(6)
  expect(new Set(first.asked.map(({ id }) => id)).size).toBeGreaterThan(6)
}, 30_000)

test('what is too long for a datagram is fetched over TCP for who comes over TCP, and remembered for all', async () => {
  const name = fresh()
  const many = Array.from({ length: 100 }, (_, n) => addressRecord(`192.0.2.${n}`, 300))
  const isCut = 0x0200
  first.says = ({ transport }) => (transport === 'udp' ? { flags: isCut } : { answers: many })
  const [cut] = await askRaw(machine('red1'), server, [queryText(name, 1)])
  expect(cut!.slice(4, 24)).toBe('83800001000000000000')
  const whole = await askTcp(machine('red1'), server, [withLength(queryText(name, 1))])
  expect(whole).toBe(withLength(whole.slice(4)))
  expect(whole.slice(4, 20)).toBe('1234818000010064')
  expect(first.asked.map(({ transport }) => transport)).toEqual(['udp', 'udp', 'tcp'])
  const [some] = await askRaw(machine('red3'), server, [queryText(name, 1, { edns: 1_232 })])
  expect(Number.parseInt(some!.slice(4, 8), 16) & isCut).toBe(isCut)
  expect(Number.parseInt(some!.slice(12, 16), 16)).toBeGreaterThan(50)
  expect(first.asked).toHaveLength(3)
}, 30_000)

test('times to live grow less, and are kept to', async () => {
  const name = fresh()
  first.says = () => ({ answers: [addressRecord('192.0.2.2', 3)] })
  const ttlOf = async () => {
    const [answer] = await askRaw(machine('red1'), server, [queryText(name, 1)])
    return Number.parseInt(answer!.slice(-20, -12), 16)
  }
  expect(await ttlOf()).toBe(3)
  await Bun.sleep(1_100)
  expect(await ttlOf()).toBeLessThan(3)
  expect(first.asked).toHaveLength(1)
  await Bun.sleep(2_500)
  expect(await ttlOf()).toBe(3)
  expect(first.asked).toHaveLength(2)
}, 30_000)

test('what does not exist is remembered as long as its zone says', async () => {
  const [gone, unsaid] = [fresh(), fresh()]
  first.says = ({ name }) => ({ code: 3, authority: name === gone ? [soaRecord(60)] : [] })
  for (const name of [gone, gone, unsaid, unsaid])
    expect(await ask('red1', 'A', name)).toEqual({ error: 'ENOTFOUND' })
  expect(first.names()).toEqual([gone, unsaid, unsaid])
}, 30_000)

test('a server that fails or lies is passed over for the next', async () => {
  const name = fresh()
  first.says = () => ({ code: 2 })
  expect(await ask('red1', 'A', name)).toEqual({ records: ['192.0.2.1'] })
  expect([first.names(), second.names()]).toEqual([[name], [name]])
  // An answer with another number is not for us; the right one comes after it.
  const other = fresh()
  first.says = ({ id }) => [
    { id: (id + 1) & 0xffff, answers: [addressRecord('192.0.2.66', 300)] },
    { answers: [addressRecord('192.0.2.3', 300)] },
  ]
  expect(await ask('red1', 'A', other)).toEqual({ records: ['192.0.2.3'] })
}, 30_000)

test('while no server answers, who asks is told in time, and everything else goes on', async () => {
  first.says = second.says = () => null
  const name = fresh()
  const began = performance.now()
  const lost = ask('red1', 'A', name)
  const many = askRaw(
    machine('red1'),
    server,
    Array.from({ length: 20 }, () => queryText(fresh(), 1)),
  )
  for (let round = 0; round < 5; round++) {
    const start = performance.now()
    expect(await ask('red2', 'A', 'red1.red.example')).toEqual({ records: ['10.0.0.11'] })
    expect(await ask('blue1', 'A', 'blue2.blue.example')).toEqual({ records: ['10.0.0.12'] })
    expect((await machine('red3').dhcp()).address).toBe('10.0.0.13')
    expect(performance.now() - start).toBeLessThan(2_000)
  }
  expect(await lost).toEqual({ error: 'ESERVFAIL' })
  expect(performance.now() - began).toBeLessThan(patienceMs * 2)
  expect((await many).every((answer) => answer.slice(4, 8) === '8182')).toBe(true)
  // Who asks again meanwhile is told at once, and the servers are left alone.
  const count = first.asked.length + second.asked.length
  expect(await ask('red2', 'A', name)).toEqual({ error: 'ESERVFAIL' })
  expect(first.asked.length + second.asked.length).toBe(count)
}, 60_000)

test('servers that come back, and others by the API, are asked from then on', async () => {
  const change = (servers: string) =>
    network.host.api('PUT', '/dns_services/dnss-red', { public_dns: servers })
  await eventually('an answer', async () => 'records' in (await ask('red1', 'A', fresh())))
  await change(second.address)
  first.asked.length = 0
  expect(await ask('red1', 'A', fresh())).toEqual({ records: ['192.0.2.1'] })
  expect(first.asked).toEqual([])
  await change('')
  expect(await ask('red1', 'A', fresh())).toEqual({ error: 'EREFUSED' })
  await change(`${first.address},${second.address}`)
  expect(await ask('red1', 'A', fresh())).toEqual({ records: ['192.0.2.1'] })
}, 30_000)

test('a machine that has gone meanwhile is sent nothing, and neither is who has its port', async () => {
  const leaving = machine('red2')
  let isAsked = () => {}
  const asked = new Promise<void>((resolve) => {
    isAsked = resolve
  })
  let answer = () => {}
  first.says = () => {
    isAsked()
    return new Promise((resolve) => {
      answer = () => resolve({ answers: [addressRecord('192.0.2.9', 300)] })
    })
  }
  const { red2: frames } = await arriving([leaving], 'udp src port 53', async () => {
    const asking = askRaw(leaving, server, [queryText(fresh(), 1)])
    await asked
    await network.host.api('DELETE', '/interfaces/if-red2')
    await network.host.api('POST', '/interfaces?wait=applied', {
      uuid: 'if-heir',
      mode: 'vif',
      port_name: 'red2',
      network_uuid: 'nw-blue',
      mac_address: leaving.mac,
      ipv4_address: '10.0.0.50',
    })
    answer()
    expect(await asking).toEqual([''])
  })
  expect(frames).toEqual([])
  expect(first.asked).toHaveLength(1)
}, 30_000)
