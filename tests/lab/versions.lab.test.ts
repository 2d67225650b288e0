/** Hosts with different versions of the functions on one database, and on one switch: as during an upgrade. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { type Lab, startLab } from '../../cli/lab/lab.ts'
import { demoPlan } from '../../cli/lab/plan.ts'
import { demoRequests } from '../../cli/vnet/demo/network.ts'
import { openStore } from '../../db/store/store.ts'
import { createTestDatabase, type TestDatabase } from '../../db/testing.ts'
import { type HostProcess, startHostProcess } from '../support/host-process.ts'
import { eventually } from '../support/open-vswitch.ts'
import { reaches } from '../support/reach.ts'
import { describeWithServer } from '../support/with-server.ts'

/** Longer than heartbeats and repairs of tunnels and ports take to come round. */
const quietMs = 4_000
/** Open vSwitch counts what it is sent with some delay. */
const countedAfterMs = 2_000
const takesOverWithinMs = 15_000

const checkout = mkdtempSync(`/tmp/ovt-${process.pid}-checkout-`)
const newFunctions = join(checkout, 'functions')
let lab: Lab
let database: TestDatabase
let older: HostProcess
let newer: HostProcess | undefined

const start = (more: readonly string[] = []) => {
  const ovsdb = lab.hypervisors.map(({ openVswitch }) => `unix:${openVswitch.dbSocket}`)
  return startHostProcess({ database: database.url, ovsdb, arguments: more })
}
describeWithServer('two versions', () => {
  beforeAll(async () => {
    cpSync(resolve(import.meta.dir, '../../functions'), newFunctions, { recursive: true })
    const base = join(newFunctions, 'flows/base.ts')
    const source = readFileSync(base, 'utf8')
    expect(source).toContain('priority: 200')
    writeFileSync(base, source.replace('priority: 200', 'priority: 222'))
    lab = await startLab(demoPlan)
    database = await createTestDatabase(true)
    older = await start()
    await older.api('POST', '/batch?wait=applied', demoRequests(demoPlan))
    await Promise.all(lab.machines.map((machine) => machine.dhcp()))
  }, 60_000)
  afterAll(async () => {
    await Promise.all([older?.remove(), newer?.remove()])
    await lab?.stop()
    await database?.dispose()
    rmSync(checkout, { recursive: true, force: true })
  })

  /** Flows with the time that they are there, of every switch. */
  const flows = () =>
    Promise.all(lab.hypervisors.map(({ openVswitch }) => openVswitch.ofctl('dump-flows', 'br0')))
  const versionOf = (dump: string) =>
    [200, 222].filter((priority) => dump.includes(`table=12,`) && dump.includes(`priority=${priority},udp`))
  const versions = async () => (await flows()).map(versionOf)
  const of = (version: number) => lab.hypervisors.map(() => [version])
  const ports = () =>
    Promise.all(lab.hypervisors.map(({ openVswitch }) => openVswitch.vsctl('list-ports', 'br0')))
  /** How many OpenFlow messages each switch has received. */
  const received = async () =>
    Promise.all(
      lab.hypervisors.map(async ({ openVswitch }) => {
        const coverage = await openVswitch.appctl('coverage/show')
        return Number(/ofproto_recv_openflow\s.*total: (\d+)/.exec(coverage)?.[1] ?? Number.NaN)
      }),
    )
  const audited = async (host: HostProcess) =>
    (await host.api<{ datapaths: { uuid: string }[] }>('GET', '/audit')).datapaths.length
  /** `name@version` of every function that was ever published. */
  async function published(): Promise<string[]> {
    const store = await openStore({ url: database.url })
    try {
      const rows = await store.query('SELECT name, version FROM function_versions ORDER BY name, version')
      return rows.map(([name, version]) => `${name}@${version}`)
    } finally {
      await store.close()
    }
  }

  test('the newer version serves, and the older host stands by; nothing goes back and forth', async () => {
    expect(await versions()).toEqual(of(200))
    const once = await published()
    newer = await start(['--functions', newFunctions])
    await eventually(
      'the older host to stand by',
      async () => (await audited(older)) === 0,
      takesOverWithinMs,
    )
    await eventually('the newer flows everywhere', async () => Bun.deepEquals(await versions(), of(222)))
    expect(await audited(newer)).toBe(3)
    // What is the same has no second version.
    expect((await published()).filter((name) => !once.includes(name))).toEqual(['flows@2'])
    const before = await Promise.all([published(), ports()])
    await Bun.sleep(countedAfterMs)
    const messages = await received()
    await Bun.sleep(quietMs)
    expect(await versions()).toEqual(of(222))
    expect(await Promise.all([published(), ports()])).toEqual(before)
    // Echo requests and an audit at most.
    for (const [at, count] of (await received()).entries()) expect(count - messages[at]!).toBeLessThan(20)
    expect(await newer.differences()).toEqual([])
    await reaches(lab.machine('red1'), '10.0.0.13')
  }, 60_000)

  test('both serve the API, whoever serves the switches', async () => {
    await older.api('DELETE', '/interfaces/if-red3')
    const body = { display_name: 'red, without its third' }
    const { applied } = await older.api<{ applied: object }>('PUT', '/networks/nw-red?wait=applied', body)
    expect(applied).toMatchObject({ pending: [], disconnected: [] })
    expect((await flows()).join('\n')).not.toContain(lab.machine('red3').mac)
    await lab.machine('red2').dhcp()
  }, 30_000)

  test('without the newer host the older one takes over', async () => {
    await newer!.kill9()
    await eventually(
      'the older flows everywhere',
      async () => Bun.deepEquals(await versions(), of(200)),
      takesOverWithinMs,
    )
    expect(await audited(older)).toBe(3)
    expect(await older.differences()).toEqual([])
    await reaches(lab.machine('red1'), '10.0.0.12')
  }, 60_000)
})
