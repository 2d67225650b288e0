import { afterAll, beforeAll, expect, test } from 'bun:test'
import { resolve } from 'node:path'
import { StateView } from '../../db/state/view.ts'
import { openTestStore, type TestStore } from '../../db/testing.ts'
import { createLogger } from '../log.ts'
import { createFunctions, type Functions } from './functions.ts'
import { FakeSwitch, packetInMessage } from './testing.ts'

let database: TestStore
let functions: Functions
const view = new StateView()
const logged: Record<string, unknown>[] = []
const flows: string[] = []
beforeAll(async () => {
  database = await openTestStore()
  functions = createFunctions({
    root: resolve(import.meta.dir, '../../functions'),
    store: database.store,
    state: () => view,
    log: createLogger('warn', (line) => void logged.push(JSON.parse(line)), false),
    session: () => null,
    onFlows: ({ id }) => void flows.push(id),
  })
  database.store.onChanges((changes) => void view.apply(changes))
  view.load(await database.store.snapshot())
})
afterAll(async () => {
  functions.close()
  await database.dispose()
})

const ask = async (method: string, target: string, body: object = {}) => {
  const headers = { 'content-type': 'application/json' }
  const answer = await functions.api.dispatch({
    method,
    target: `/api/1.0/${target}`,
    headers,
    body: JSON.stringify(body),
  })
  return { ...answer, json: JSON.parse(answer.body) }
}

test('every built-in function builds, is published and serves', async () => {
  const { swaps, problems } = await functions.deployment.deploy()
  expect(problems).toEqual([])
  expect(swaps.map(({ to }) => to)).toContainEqual('packets/dhcp@1')
  expect(flows).toEqual(['flows@1'])
  expect(await functions.deployment.deploy()).toEqual({ swaps: [], problems: [] })
  const [row] = await database.store.query('SELECT count(*) FROM function_versions')
  expect(row![0]).toBe(swaps.length)
})

test('a request writes, a switch joins, and both are state', async () => {
  const dpid = '0x000000000000000a'
  const created = await ask('POST', 'datapaths', {
    uuid: 'dp-a',
    display_name: 'a',
    dpid: '0xa',
    node_id: 'n',
  })
  expect(created.status).toBe(200)
  expect(view.datapaths.one('dpid', dpid)).toMatchObject({ id: created.json.id, uuid: 'dp-a' })
  const ports = [{ portNumber: 3, portName: 'tap-3', ifaceId: null, uplink: false, linked: true }]
  await functions.events.dispatch({ type: 'ports-listed', dpid, ports })
  expect(view.activePorts.one('name', created.json.id, 'tap-3')).toMatchObject({ port_number: 3 })
  await functions.events.dispatch({ type: 'ports-listed', dpid, ports: [] })
  expect(view.activePorts.size).toBe(0)
})

test('figures tell who did what', async () => {
  await ask('GET', 'datapaths')
  const figures = functions.figures()
  expect(figures.map((one) => one.function)).toContain('flows@1')
  expect(figures.find((one) => one.function === 'api/datapaths@1')!.outcomes.ok).toBeGreaterThan(0)
  const events = figures.find((one) => one.function === 'events/ports@1')!
  expect(events.outcomes.ok).toBe(2)
  expect(events.p50Us).toBeGreaterThan(0)
  expect(events.p99Us).toBeGreaterThanOrEqual(events.p50Us)
})

test('any packet, to any function: no failure, and the host goes on', () => {
  const bridge = new FakeSwitch('0x000000000000000a')
  const detach = functions.packets.attach(bridge)
  const codes = [...functions.registry.puntTable.keys()]
  expect(codes.length).toBeGreaterThan(0)
  for (const code of codes)
    for (let length = 0; length < 400; length += 3) {
      const frame = crypto.getRandomValues(new Uint8Array(length))
      bridge.receive(packetInMessage({ code, objectId: 1, frame }))
    }
  for (const slot of functions.registry.slots)
    expect([slot.name, slot.current?.counts.exception]).toEqual([slot.name, 0])
  detach()
  expect(logged.filter(({ level }) => level === 'error')).toEqual([])
})
