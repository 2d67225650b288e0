import { afterEach, expect, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { eventually } from '../../tests/support/open-vswitch.ts'
import { silent } from '../log.ts'
import { typeAt } from '../openflow/channel/header.ts'
import { FakeSwitch, type FakeSwitchOptions } from '../openflow/channel/testing.ts'
import type { Service } from './switches.ts'
import { Switches } from './switches.ts'

const dpid = '0x0000000000000001'
const uplink = { portName: 'eth0', portNumber: 7 }
/** Time enough for a switch to be served in spite of all. */
const patienceMs = 3_000

const closers: (() => void)[] = []
afterEach(() => {
  for (const close of closers.splice(0)) close()
})

/** A switch that has joined, after the state or before it; what the state knows of its uplink is `known`. */
async function joinSwitch(
  known: { number: number | null },
  events: Promise<void>,
  { stateFirst = true, ...options }: FakeSwitchOptions & { stateFirst?: boolean } = {},
) {
  const folder = mkdtempSync(`/tmp/ovt-${process.pid}-switches-`)
  closers.push(() => rmSync(folder, { recursive: true, force: true }))
  const address = `unix:${join(folder, 'of.sock')}`
  const switches = new Switches({
    config: { openflow: [address], switches: [], tls: null },
    log: silent,
    bridges: () => ({
      bootstrapPort: () => uplink,
      isSecure: () => true,
      knows: () => true,
      has: () => true,
      tellPorts() {},
    }),
  })
  closers.push(() => switches.channel.close())
  const started = await switches.channel.start()
  if (!started.ok) throw new Error(started.problem.what)
  let synchronised = 0
  let detached = 0
  const row = { id: 1, dpid, uuid: 'dp-1' }
  const activePorts = {
    one: (_index: string, _datapath: number, name: string) =>
      name === uplink.portName && known.number !== null ? { port_number: known.number } : undefined,
  }
  const nothing = { many: () => [] }
  const places = { activeInterfaces: nothing, activeVlans: nothing, activeRouters: nothing }
  const serve = () =>
    switches.serve({
      state: {
        find: () => row,
        deleted: () => undefined,
        view: { revision: 1, datapaths: { one: () => row }, activePorts, ...places },
        hub: { join: () => void synchronised++, leave() {} },
      },
      packets: { attach: () => () => void detached++ },
      event: () => events,
      isHeard: () => true,
    } as unknown as Service)
  if (stateFirst) serve()
  const fake = await FakeSwitch.connect(address, options)
  closers.push(() => fake.close())
  await eventually('the switch to join', () => switches.channel.session(dpid) !== null)
  const reconnect = async () => {
    fake.close()
    await eventually('the switch to leave', () => switches.channel.session(dpid) === null)
    const again = await FakeSwitch.connect(address, options)
    closers.push(() => again.close())
    await eventually('the switch to join again', () => switches.channel.session(dpid) !== null)
  }
  return { fake, switches, serve, reconnect, synchronised: () => synchronised, detached: () => detached }
}

test('a switch whose uplink the state knows is synchronised, also while events wait', async () => {
  const { synchronised } = await joinSwitch({ number: uplink.portNumber }, new Promise(() => {}))
  await eventually('the switch to be synchronised', () => synchronised() === 1)
})

test.each<[string, number | null]>([
  ['nothing', null],
  ['another number', 3],
])(
  'one of whose uplink the state knows %s is joined to the host, and synchronised when it does',
  async (_, number) => {
    const known = { number }
    const { fake, synchronised } = await joinSwitch(known, new Promise(() => {}))
    await eventually('the uplink to be joined to the host', () =>
      fake.received.some((bytes) => typeAt(bytes, 0) === 4 && bytes.length > 100),
    )
    await Bun.sleep(patienceMs)
    expect(synchronised()).toBe(0)
    known.number = uplink.portNumber
    await eventually('the switch to be synchronised', () => synchronised() === 1)
  },
  20_000,
)

test('what joins the uplink to the host has arrived before the switch is read', async () => {
  const commits: Uint8Array[] = []
  const isCommit = (bytes: Uint8Array) => typeAt(bytes, 0) === 4 && bytes.length === 24 && bytes[21] === 4
  const { fake, serve, synchronised } = await joinSwitch({ number: uplink.portNumber }, Promise.resolve(), {
    stateFirst: false,
    intercept: (bytes) => isCommit(bytes) && commits.push(bytes) > 0,
  })
  await eventually('the commit', () => commits.length === 1)
  serve()
  await Bun.sleep(300)
  expect(synchronised()).toBe(0)
  const reply = commits[0]!.slice()
  reply[21] = 5
  fake.send(reply)
  await eventually('the switch to be synchronised', () => synchronised() === 1)
})

test('switches that are served no more stay connected, and are served by who comes next', async () => {
  const known = { number: uplink.portNumber }
  const { switches, serve, reconnect, synchronised, detached } = await joinSwitch(known, Promise.resolve())
  await eventually('the switch to be synchronised', () => synchronised() === 1)
  switches.unserve()
  expect([detached(), switches.isServed(dpid), switches.channel.session(dpid)?.dpid]).toEqual([
    1,
    false,
    dpid,
  ])
  await reconnect()
  await Bun.sleep(300)
  expect(synchronised()).toBe(1)
  serve()
  await eventually('the switch to be synchronised again', () => synchronised() === 2)
})

test('one that waits when its service ends is not served by the next before that one knows its ports', async () => {
  const told = Promise.withResolvers<void>()
  const { switches, serve, synchronised } = await joinSwitch({ number: uplink.portNumber }, told.promise)
  switches.unserve()
  serve()
  told.resolve()
  await eventually('the switch to be synchronised', () => synchronised() > 0)
  await Bun.sleep(300)
  expect(synchronised()).toBe(1)
})
