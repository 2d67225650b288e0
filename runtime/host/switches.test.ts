import { afterEach, expect, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { eventually } from '../../tests/support/open-vswitch.ts'
import { silent } from '../log.ts'
import { typeAt } from '../openflow/channel/header.ts'
import { FakeSwitch, type FakeSwitchOptions } from '../openflow/channel/testing.ts'
import type { NetworkEvent } from '../openvnet/events.ts'
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

/** What is there of a deleted datapath. */
interface Left {
  row: { readonly id: number; readonly dpid: string; readonly uplink_port_name: null } | undefined
  tunnelPorts: boolean
}

/** A switch that has joined, after the state or before it; what the state knows of its uplink is `known`. */
async function joinSwitch(
  known: { number: number | null; isDeleted?: boolean },
  events: Promise<void>,
  { stateFirst = true, left, ...options }: FakeSwitchOptions & { stateFirst?: boolean; left?: Left } = {},
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
      hasTunnelPortsLeft: () => left?.tunnelPorts ?? false,
      tellPorts() {},
    }),
  })
  closers.push(() => switches.channel.close())
  const started = await switches.channel.start()
  if (!started.ok) throw new Error(started.problem.what)
  let synchronised = 0
  let detached = 0
  const row = left === undefined ? { id: 1, dpid, uuid: 'dp-1' } : undefined
  const told: NetworkEvent[] = []
  const activePorts = {
    one: (_index: string, _datapath: number, name: string) =>
      name === uplink.portName && known.number !== null ? { port_number: known.number } : undefined,
  }
  const nothing = { many: () => [] }
  const places = { activeInterfaces: nothing, activeVlans: nothing, activeRouters: nothing }
  const serve = () =>
    switches.serve({
      state: {
        find: () => (known.isDeleted ? undefined : row),
        deleted: () => (known.isDeleted ? { id: 1, dpid, uplink_port_name: null } : left?.row),
        isOfFunctions: () => true,
        view: { revision: 1, datapaths: { one: () => row }, activePorts, ...places },
        hub: { join: () => void synchronised++, leave() {} },
      },
      packets: { attach: () => () => void detached++ },
      event: (one: NetworkEvent) => {
        told.push(one)
        return events
      },
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
  const counts = { synchronised: () => synchronised, detached: () => detached }
  return { fake, switches, serve, reconnect, told, ...counts }
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

const deleted = { id: 7, dpid, uplink_port_name: null }
const clearedEvent = { type: 'datapath-cleared', dpid, deletedId: deleted.id } as const
const isRead = (bytes: Uint8Array) => typeAt(bytes, 0) === 18 && bytes[9] === 1

test('a deleted datapath is said to be cleared once its flows and tunnel ports are gone, and then let go', async () => {
  const left: Left = { row: deleted, tunnelPorts: true }
  const { switches, told } = await joinSwitch({ number: null }, Promise.resolve(), { left })
  await Bun.sleep(300)
  expect(told).toEqual([])
  left.tunnelPorts = false
  await eventually('it to be cleared', () => told.length > 0)
  expect(told).toEqual([clearedEvent])
  left.row = undefined
  switches.registrationsChanged()
  await eventually('the switch to be let go', () => switches.channel.session(dpid) === null)
})

test('a switch that refuses is asked again more and more seldom, while it is connected and its datapath deleted', async () => {
  const left: Left = { row: deleted, tunnelPorts: false }
  const reads: number[] = []
  const { switches, told } = await joinSwitch({ number: null }, Promise.resolve(), {
    left,
    intercept: (bytes, fake) => {
      if (!isRead(bytes)) return false
      reads.push(performance.now())
      fake.error(1, 5, bytes)
      return true
    },
  })
  const session = switches.channel.session(dpid)
  await eventually('four attempts', () => reads.length === 4)
  expect(reads[3]! - reads[0]!).toBeGreaterThanOrEqual(1_400)
  expect(switches.channel.session(dpid)).toBe(session)
  left.row = undefined
  await Bun.sleep(2_000)
  expect([reads.length, told]).toEqual([4, []])
}, 20_000)

test('one whose datapath is deleted and registered again while it waits is served once', async () => {
  const known = { number: uplink.portNumber, isDeleted: false }
  const told = Promise.withResolvers<void>()
  const { switches, synchronised } = await joinSwitch(known, told.promise)
  for (const isDeleted of [true, false]) {
    known.isDeleted = isDeleted
    switches.registrationsChanged()
  }
  told.resolve()
  await eventually('the switch to be synchronised', () => synchronised() > 0)
  await Bun.sleep(300)
  expect(synchronised()).toBe(1)
})
