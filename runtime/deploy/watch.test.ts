import { afterEach, beforeEach, expect, test } from 'bun:test'
import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { openTestStore, type TestStore } from '../../db/testing.ts'
import { createTestHost, FakeSwitch, packetInMessage, type TestHost } from '../dispatch/testing.ts'
import { success } from '../problem.ts'
import { Deployment } from './deployment.ts'
import { VersionStore } from './version-store.ts'
import { type Unwatch, watchFunctions } from './watch.ts'

const project = resolve(import.meta.dir, '../..')
let folder: string
let root: string
let database: TestStore
let host: TestHost
let unwatch: Unwatch
let deployment: Deployment
const printed: string[] = []

const put = async (path: string, text: string) => {
  await mkdir(dirname(join(root, path)), { recursive: true })
  await Bun.write(join(root, path), text)
}
const packetSource = (port: string, code: number) => `
import { forward, packetIn } from 'openvnet'
export default packetIn({ name: 'x', from: { name: 'x', code: ${code} }, handle: () => forward(${port}) })
`

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vnet-watch-'))
  root = join(folder, 'functions')
  await mkdir(root)
  await symlink(join(project, 'node_modules'), join(folder, 'node_modules'))
  const { compilerOptions } = await import('../../tsconfig.json')
  const paths = { openvnet: [join(project, 'runtime/openvnet.ts')] }
  const typeRoots = [join(project, 'node_modules')]
  await Bun.write(
    join(folder, 'tsconfig.json'),
    JSON.stringify({ compilerOptions: { ...compilerOptions, paths, typeRoots }, include: ['functions'] }),
  )
  database = await openTestStore()
  host = createTestHost()
  const api = { activate: async () => success(undefined) }
  deployment = new Deployment(root, new VersionStore(database.store), host.registry, api)
  printed.length = 0
  await put('packets/one/one.ts', packetSource('1', 1))
  await put('packets/two/two.ts', packetSource('1', 2))
  await deployment.deploy()
  unwatch = watchFunctions({ root, deployment, print: (line) => void printed.push(line) })
})
afterEach(async () => {
  unwatch()
  host.close()
  await database.dispose()
  await rm(folder, { recursive: true, force: true })
})

async function until(condition: () => boolean) {
  for (const end = Date.now() + 20_000; Date.now() < end && !condition(); ) await Bun.sleep(10)
  expect(printed.join('\n')).toBeTruthy()
  expect(condition()).toBe(true)
}

test('swaps what changed, while packets flow, and prints what and how long', async () => {
  const bridge = new FakeSwitch()
  host.dispatcher.attach(bridge)
  let sent = 0
  const packets = setInterval(() => {
    bridge.receive(packetInMessage({ code: 1 }))
    sent++
  }, 1)
  await put('packets/one/one.ts', packetSource('2', 1))
  await until(() => bridge.sent.at(-1)?.port === 2)
  clearInterval(packets)
  expect(printed).toEqual([
    'checking the types of packets/one …',
    expect.stringMatching(/^packets\/one@1 → packets\/one@2: built in \d+ ms, swapped in [\d.]+ ms$/),
  ])
  expect(bridge.sent.length).toBe(sent)
  const ports = bridge.sent.map(({ port }) => port!)
  expect(ports).toEqual([...ports].sort())
}, 30_000)

test('a change that changes nothing is told, too', async () => {
  await put('packets/one/one.ts', `${packetSource('1', 1)}\ntype Unused = number\n`)
  await until(() => printed.length > 0)
  expect(printed).toEqual(['nothing to swap: what serves is what the sources say'])
}, 30_000)

test('what does not build or type-check is printed with its place, and its old version stays', async () => {
  await put('packets/one/one.ts', 'export default (\n')
  await until(() => printed.some((line) => line.includes('functions/packets/one/one.ts:')))
  await put('packets/one/one.ts', packetSource("'OFPP_NOWHERE'", 1))
  await put('packets/two/two.ts', packetSource('3', 2))
  await until(() => printed.some((line) => line.includes('packets/two@1 → packets/two@2')))
  expect(
    printed.some((line) => /functions\/packets\/one\/one\.ts:3:\d+: .*OFPP_NOWHERE.*TS2345/.test(line)),
  ).toBe(true)
  expect(host.registry.puntTable.get(1)!.current!.version).toBe(1)
}, 60_000)
