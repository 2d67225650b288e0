/** Real DNS clients in guests, through real punts, to the real host: what a network knows itself. */
import { afterAll, afterEach, beforeAll, expect, test } from 'bun:test'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { demoPlan } from '../../cli/lab/plan.ts'
import { demoRequests } from '../../cli/vnet/demo/network.ts'
import { askRaw, askTcp, lookUp, queryText, withLength } from '../support/dns-client.ts'
import { type Network, startNetwork } from '../support/network.ts'
import { eventually } from '../support/open-vswitch.ts'

const server = '10.0.0.2'
let network: Network
const machine = (name: string) => network.lab.machine(name)
const ask = (name: string, type: string, what: string) => lookUp(machine(name), server, type, what)
const api = (method: string, path: string, body?: unknown) =>
  network.host.api(method, `${path}?wait=applied`, body)

const dnsOf = (tenant: string) => [
  { method: 'PUT', path: `/networks/nw-${tenant}`, body: { domain_name: `${tenant}.example` } },
  {
    method: 'POST',
    path: '/network_services',
    body: { uuid: `ns-${tenant}dns`, interface_uuid: `if-${tenant}dhcp`, mode: 'dns' },
  },
  {
    method: 'POST',
    path: '/dns_services',
    body: { uuid: `dnss-${tenant}`, network_service_uuid: `ns-${tenant}dns` },
  },
]
const record = (tenant: string, uuid: string, body: object) => ({
  method: 'POST',
  path: `/dns_services/dnss-${tenant}/dns_records`,
  body: { uuid: `dnsr-${uuid}`, ...body },
})

const more = [
  ...dnsOf('red'),
  ...dnsOf('blue'),
  record('red', 'w1', { name: 'www', ipv4_address: '10.0.0.80', ttl: 7 }),
  record('red', 'w2', { name: 'www', ipv4_address: '10.0.0.81', ttl: 7 }),
  record('red', 'w6', { name: 'www', ipv6_address: '2001:db8::80' }),
  record('red', 'c', { name: 'Web.Red.Example.', target: 'www' }),
  record('red', 'p', { name: '99.0.0.10.in-addr.arpa', target: 'ninety-nine.example' }),
  record('red', 'x', { name: 'db.elsewhere.test', ipv4_address: '192.0.2.7' }),
  record('blue', 'secret', { name: 'secret', ipv4_address: '10.0.0.77' }),
]

beforeAll(async () => {
  network = await startNetwork(demoPlan, [...demoRequests(demoPlan), ...more])
  await Promise.all(['red1', 'red3', 'blue1'].map((name) => machine(name).dhcp()))
})
afterAll(() => network?.stop())
afterEach(() => network.check())

test('DHCP tells server and domain, and the server knows every machine by it, on every hypervisor', async () => {
  expect((await machine('red1').dhcp()).options).toMatchObject({ dns: server, domain: 'red.example' })
  for (const asking of ['red1', 'red3']) {
    expect(await ask(asking, 'A', 'red2.red.example')).toEqual({ records: ['10.0.0.12'] })
    expect(await ask(asking, 'PTR', '10.0.0.13')).toEqual({ records: ['red3.red.example'] })
  }
}, 30_000)

test('the resolver of the C library finds what DHCP has told it of, by short names too', async () => {
  const { options } = await machine('red1').dhcp()
  const folder = mkdtempSync(`/tmp/ovt-${process.pid}-resolv-`)
  const file = join(folder, 'resolv.conf')
  writeFileSync(file, `nameserver ${options['dns']}\nsearch ${options['domain']}\n`)
  // A namespace's commands have mounts of their own.
  const find = (name: string) =>
    machine('red1').exec('sh', '-c', `mount --bind ${file} /etc/resolv.conf && getent ahostsv4 ${name}`)
  try {
    expect(await find('red2')).toMatch(/^10\.0\.0\.12 +STREAM red2\.red\.example$/m)
    expect(await find('web.red.example')).toMatch(/^10\.0\.0\.8[01] +STREAM www\.red\.example$/m)
    await expect(find('nobody')).rejects.toThrow()
  } finally {
    rmSync(folder, { recursive: true })
  }
}, 30_000)

test('records of every type are answered, all of a name', async () => {
  expect(await ask('red1', 'A', 'www.red.example')).toEqual({ records: ['10.0.0.80', '10.0.0.81'] })
  expect(await ask('red1', 'AAAA', 'www.red.example')).toEqual({ records: ['2001:db8::80'] })
  expect(await ask('red1', 'A', 'web.red.example')).toEqual({ records: ['10.0.0.80', '10.0.0.81'] })
  expect(await ask('red1', 'CNAME', 'web.red.example')).toEqual({ records: ['www.red.example'] })
  expect(await ask('red1', 'PTR', '10.0.0.99')).toEqual({ records: ['ninety-nine.example'] })
  expect(await ask('red1', 'A', 'db.elsewhere.test')).toEqual({ records: ['192.0.2.7'] })
  expect(await ask('red1', 'SOA', 'red.example')).toMatchObject({
    records: { nsname: 'reddhcp.red.example', hostmaster: 'hostmaster.red.example' },
  })
}, 30_000)

test('a wildcard stands for what is not there itself, and for nothing else', async () => {
  const wild = record('red', 'wild', { name: '*', ipv4_address: '10.0.0.70' })
  const apps = record('red', 'apps', { name: '*.apps.test', target: 'www' })
  for (const one of [wild, apps]) await api('POST', one.path, one.body)
  expect(await ask('red1', 'A', 'anything.red.example')).toEqual({ records: ['10.0.0.70'] })
  expect(await ask('red3', 'A', 'red2.red.example')).toEqual({ records: ['10.0.0.12'] })
  expect(await ask('red3', 'A', 'www.red.example')).toEqual({ records: ['10.0.0.80', '10.0.0.81'] })
  expect(await ask('red3', 'A', 'some.apps.test')).toEqual({ records: ['10.0.0.80', '10.0.0.81'] })
  expect(await ask('red3', 'A', 'apps.test')).toEqual({ error: 'EREFUSED' })
  expect(await ask('blue1', 'A', 'anything.blue.example')).toEqual({ error: 'ENOTFOUND' })
  await api('PUT', `${wild.path}/dnsr-wild`, { name: '*.sub', ipv4_address: '10.0.0.71', ttl: 9 })
  expect(await ask('red1', 'A', 'anything.red.example')).toEqual({ error: 'ENOTFOUND' })
  expect(await ask('red1', 'A', 'a.sub')).toEqual({ records: ['10.0.0.71'] })
  for (const one of [wild, apps]) await api('DELETE', `${one.path}/${one.body.uuid}`)
  expect(await ask('red1', 'A', 'a.sub')).toEqual({ error: 'EREFUSED' })
}, 30_000)

test('machines have their IPv6 addresses under their names, and their names under those', async () => {
  await api('PUT', '/networks/nw-red', { ipv6_network: '2001:db8:0:1::/64' })
  const lease = { uuid: 'il-six', network_uuid: 'nw-red', interface_uuid: 'if-red2' }
  await api('POST', '/ip_leases', { ...lease, ipv6_address: '2001:db8:0:1::12' })
  expect(await ask('red1', 'AAAA', 'red2.red.example')).toEqual({ records: ['2001:db8:0:1::12'] })
  expect(await ask('red1', 'A', 'red2.red.example')).toEqual({ records: ['10.0.0.12'] })
  expect(await ask('red1', 'PTR', '2001:db8:0:1::12')).toEqual({ records: ['red2.red.example'] })
  expect(await ask('red1', 'PTR', '2001:db8:0:1::13')).toEqual({ error: 'ENOTFOUND' })
  expect(await ask('blue1', 'PTR', '2001:db8:0:1::12')).toHaveProperty('error')
  await api('DELETE', '/ip_leases/il-six')
  expect(await ask('red1', 'PTR', '2001:db8:0:1::12')).toEqual({ error: 'ENOTFOUND' })
}, 30_000)

test('what is not there is not there, and what is not ours is refused', async () => {
  expect(await ask('red1', 'A', 'nobody.red.example')).toEqual({ error: 'ENOTFOUND' })
  expect(await ask('red1', 'PTR', '10.0.0.200')).toEqual({ error: 'ENOTFOUND' })
  // There, but with nothing of that type: no error, no answer, and the zone's SOA.
  const [noData] = await askRaw(machine('red1'), server, [queryText('red2.red.example', 28)])
  expect(noData!.slice(4, 24)).toBe('85000001000000010000')
  expect(await ask('red1', 'A', 'example.com')).toEqual({ error: 'EREFUSED' })
}, 30_000)

test('names of other tenants are nowhere to be found', async () => {
  expect(await ask('blue1', 'A', 'secret.blue.example')).toEqual({ records: ['10.0.0.77'] })
  expect(await ask('blue1', 'A', 'blue2.blue.example')).toEqual({ records: ['10.0.0.12'] })
  for (const name of ['secret.blue.example', 'blue2.blue.example', 'secret', 'blue2'])
    expect(await ask('red1', 'A', name)).toEqual({ error: 'EREFUSED' })
  for (const name of ['secret.red.example', 'blue2.red.example'])
    expect(await ask('red1', 'A', name)).toEqual({ error: 'ENOTFOUND' })
  // The same address is another machine there.
  expect(await ask('blue1', 'PTR', '10.0.0.12')).toEqual({ records: ['blue2.blue.example'] })
  expect(await ask('red1', 'PTR', '10.0.0.12')).toEqual({ records: ['red2.red.example'] })
}, 30_000)

test('what changes is answered at once', async () => {
  const added = record('red', 'new', { name: 'new', ipv4_address: '10.0.0.90' })
  expect(await ask('red1', 'A', 'new.red.example')).toEqual({ error: 'ENOTFOUND' })
  await api('POST', added.path, added.body)
  expect(await ask('red1', 'A', 'new.red.example')).toEqual({ records: ['10.0.0.90'] })
  await api('DELETE', `${added.path}/dnsr-new`)
  expect(await ask('red1', 'A', 'new.red.example')).toEqual({ error: 'ENOTFOUND' })

  await api('PUT', '/interfaces/if-red2', { display_name: 'Mail' })
  expect(await ask('red1', 'A', 'mail.red.example')).toEqual({ records: ['10.0.0.12'] })
  expect(await ask('red1', 'PTR', '10.0.0.12')).toEqual({ records: ['mail.red.example'] })
  await api('PUT', '/interfaces/if-red2', { display_name: '' })
  expect(await ask('red1', 'A', 'mail.red.example')).toEqual({ error: 'ENOTFOUND' })

  await api('PUT', '/networks/nw-red', { domain_name: 'rouge.example' })
  expect(await ask('red1', 'A', 'red2.rouge.example')).toEqual({ records: ['10.0.0.12'] })
  expect(await ask('red1', 'A', 'red2.red.example')).toEqual({ error: 'EREFUSED' })
  await api('PUT', '/networks/nw-red', { domain_name: 'red.example' })

  await api('DELETE', '/network_services/ns-bluedns')
  expect(await askRaw(machine('blue1'), server, [queryText('blue2.blue.example', 1)])).toEqual([''])
  expect((await machine('blue1').dhcp()).options['dns']).toBeUndefined()
  for (const request of dnsOf('blue').slice(1)) await api(request.method, request.path, request.body)
  await eventually(
    'the service to be back',
    async () => 'records' in (await ask('blue1', 'A', 'blue2.blue.example')),
  )
}, 60_000)

test('letters keep their case, nonsense gets an error or nothing, and nobody is stopped', async () => {
  const asked = queryText('ReD2.rEd.eXAMPLE', 1)
  const [answer] = await askRaw(machine('red1'), server, [asked])
  expect(answer!.slice(0, 24)).toBe('123485000001000100000000')
  expect(answer!.slice(24)).toStartWith(asked.slice(24))
  const question = queryText('red2.red.example', 1)
  const codes = await askRaw(machine('red1'), server, [
    // An opcode that we do not have; two questions; a name that leads to itself; cut in the middle; EDNS of version 1.
    queryText('red2.red.example', 1, { flags: 0x2000 }),
    question.replace('00010000', '00020000'),
    `${question.slice(0, 24)}c00c00010001`,
    question.slice(0, 40),
    `${queryText('red2.red.example', 1, { edns: 1_232 }).slice(0, -12)}000100000000`,
  ])
  expect(codes.map((text) => text.slice(4, 8))).toEqual(['a004', '8101', '8101', '8101', '8100'])
  // BADVERS is 16: its upper bits are in the OPT record.
  expect(codes[4]).toEndWith('00002904d0010000000000')
  expect(await ask('red1', 'A', 'red2.red.example')).toEqual({ records: ['10.0.0.12'] })
}, 30_000)

test('what is too long for a datagram is cut there, and whole over TCP', async () => {
  const many = Array.from({ length: 60 }, (_, n) =>
    record('red', `m${n}`, { name: 'many', ipv4_address: `10.0.9.${n}` }),
  )
  await api('POST', '/batch', many)
  const question = queryText('many.red.example', 1)
  const [cut, more] = await askRaw(machine('red1'), server, [
    question,
    queryText('many.red.example', 1, { edns: 4_096 }),
  ])
  expect(cut!.length / 2).toBeLessThanOrEqual(512)
  expect(Number.parseInt(cut!.slice(4, 8), 16) & 0x0200).toBe(0x0200)
  expect(more!.slice(4, 16)).toBe('85000001003c')
  const whole = await askTcp(machine('red1'), server, [withLength(question)])
  expect(whole).toBe(withLength(whole.slice(4)))
  expect(whole.slice(4, 20)).toBe('123485000001003c')
  // The C library and c-ares go on to TCP by themselves.
  expect(await ask('red3', 'A', 'many.red.example')).toEqual({
    records: expect.arrayContaining(many.map(({ body }) => (body as { ipv4_address?: string }).ipv4_address)),
  })
}, 30_000)

test('over TCP, in pieces, two at once, or nonsense', async () => {
  const question = withLength(queryText('red2.red.example', 1))
  const answer = await askTcp(machine('red1'), server, [question])
  expect(answer.slice(4)).toStartWith('12348500000100010000')
  // The length alone, and then the rest.
  expect(await askTcp(machine('red1'), server, [question.slice(0, 4), question.slice(4)])).toBe(answer)
  expect(
    await askTcp(machine('red1'), server, [question.slice(0, 2), question.slice(2, 30), question.slice(30)]),
  ).toBe(answer)
  // One question a connection.
  expect(await askTcp(machine('red1'), server, [question + question])).toBe(answer)
  expect(
    (
      await askTcp(machine('red1'), server, [withLength(queryText('red2.red.example', 1, { flags: 0x2000 }))])
    ).slice(8, 12),
  ).toBe('a004')
  expect(await ask('red1', 'A', 'red2.red.example')).toEqual({ records: ['10.0.0.12'] })
}, 40_000)
