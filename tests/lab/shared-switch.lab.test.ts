/** Two hosts without node ids: both serve every switch, from one state. */
import { afterAll, afterEach, beforeAll, expect, test } from 'bun:test'
import { type Lab, startLab } from '../../cli/lab/lab.ts'
import { demoPlan } from '../../cli/lab/plan.ts'
import { isAsWanted, measureMatrix } from '../../cli/vnet/demo/matrix.ts'
import { demoRequests } from '../../cli/vnet/demo/network.ts'
import { createTestDatabase, type TestDatabase } from '../../db/testing.ts'
import { type HostProcess, startHostProcess } from '../support/host-process.ts'
import { eventually } from '../support/open-vswitch.ts'
import { plug, unplug } from '../support/plugging.ts'
import { isSilent, reaches } from '../support/reach.ts'
import { describeWithServer } from '../support/with-server.ts'

let lab: Lab
let database: TestDatabase
let hosts: HostProcess[] = []
/** Longer than from one audit to the next. */
const agreeWithinMs = 80_000
const allTrue = (list: readonly boolean[]) => list.every(Boolean)

describeWithServer('two hosts on every switch', () => {
  beforeAll(async () => {
    lab = await startLab(demoPlan)
    database = await createTestDatabase(true)
    const ovsdb = lab.hypervisors.map(({ openVswitch }) => `unix:${openVswitch.dbSocket}`)
    for (let n = 0; n < 2; n++) hosts.push(await startHostProcess({ database: database.url, ovsdb }))
    await hosts[0]!.api('POST', '/batch?wait=applied', demoRequests(demoPlan))
  }, 60_000)
  afterAll(async () => {
    await Promise.all(hosts.map((host) => host.remove()))
    await lab?.stop()
    await database?.dispose()
  })

  const machine = (name: string) => lab.machine(name)
  const status = (host: HostProcess, node: string) =>
    host.api<{ connected: boolean; refusals: number; other_hosts: string[] }>(
      'GET',
      `/datapaths/dp-${node}/status`,
    )
  const red = (n: number) => ({
    uuid: `if-red${n}`,
    mode: 'vif',
    port_name: `red${n}`,
    network_uuid: 'nw-red',
    mac_address: machine(`red${n}`).mac,
    ipv4_address: `10.0.0.1${n}`,
  })

  /** Both are of one mind, with each other and with the switches, at the latest after the next audit, and nothing stays refused. */
  const agree = () =>
    eventually('both to agree', () => Promise.all(hosts.map(isContent)).then(allTrue), agreeWithinMs)
  async function isContent(host: HostProcess): Promise<boolean> {
    const refusals = lab.hypervisors.map(async ({ name }) => (await status(host, name)).refusals)
    return (await host.differences()).length === 0 && (await Promise.all(refusals)).every((n) => n === 0)
  }
  afterEach(agree, 2 * agreeWithinMs)

  test('both serve all datapaths, and every machine gets its address and reaches its own', async () => {
    const addressed = await Promise.all(
      lab.machines.map(async (one) => ({ machine: one, address: (await one.dhcp()).address })),
    )
    expect(isAsWanted(await measureMatrix(addressed), (one) => one.name.slice(0, -1))).toBe(true)
  }, 60_000)

  test('interfaces come and go through either, ports too', async () => {
    for (let round = 0; round < 6; round++) {
      const [one, other] = round % 2 === 0 ? hosts : [...hosts].reverse()
      await one!.api('DELETE', '/interfaces/if-red2?wait=applied')
      expect(await isSilent(machine('red1'), '10.0.0.12')).toBe(true)
      await other!.api('POST', '/interfaces?wait=applied', red(2))
      await reaches(machine('red1'), '10.0.0.12')
    }
    for (let round = 0; round < 3; round++) {
      await unplug(lab.hypervisor('node2'), machine('red2'))
      await plug(lab.hypervisor('node2'), machine('red2'))
    }
    await reaches(machine('red1'), '10.0.0.12')
  }, 60_000)

  test('one is killed, and the other goes on with everything', async () => {
    await hosts[0]!.kill9()
    hosts = hosts.slice(1)
    const [left] = hosts
    await left!.api('DELETE', '/interfaces/if-red2?wait=applied')
    const { applied } = await left!.api<{ applied: object }>('POST', '/interfaces?wait=applied', red(2))
    expect(applied).toMatchObject({ pending: [], disconnected: [] })
    await machine('red2').dhcp()
    await reaches(machine('red1'), '10.0.0.12')
  }, 60_000)
})
