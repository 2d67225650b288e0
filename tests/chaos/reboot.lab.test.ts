/**
 * A hypervisor whose only way to the database is the physical port in its own bridge, with its host on it: everything
 * on it goes down and comes back with an empty flow table.
 */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { type Lab, startLab } from '../../cli/lab/lab.ts'
import { demoPlan } from '../../cli/lab/plan.ts'
import { demoRequests } from '../../cli/vnet/demo/network.ts'
import { type DatabaseServer, startDatabaseServer } from '../support/database-server.ts'
import { type HostProcess, startHostProcess } from '../support/host-process.ts'
import { eventually } from '../support/open-vswitch.ts'
import { restartSwitch } from '../support/power.ts'
import { isSilent, reaches } from '../support/reach.ts'

/** Of the physical router, where the database is. */
const databaseAddress = '192.168.10.1'
const comesBackWithinMs = 20_000

let lab: Lab
let database: DatabaseServer
/** On node 1, behind its own bridge, and one for the other nodes, beside the database. */
let host: HostProcess
let others: HostProcess

const node1 = () => lab.hypervisor('node1')
const red1 = () => lab.machine('red1')
const flowsOf = (name: string) => lab.hypervisor(name).openVswitch.ofctl('dump-flows', '--no-stats', 'br0')
const dbSocket = (name: string) => `unix:${lab.hypervisor(name).openVswitch.dbSocket}`

async function isClean(): Promise<void> {
  expect([...(await host.differences()), ...(await others.differences())]).toEqual([])
}

const pingFromHost = (address: string) =>
  node1()
    .openVswitch.exec('ping', '-n', '-c', '1', '-W', '1', address)
    .then(
      () => true,
      () => false,
    )

const restart = () => restartSwitch(lab, node1())

beforeAll(async () => {
  lab = await startLab(demoPlan)
  database = await startDatabaseServer(lab.fabric, databaseAddress)
  // As an operator hands a hypervisor over: on the physical network, by Open vSwitch's own means.
  await Promise.all(
    lab.hypervisors.map(({ openVswitch }) =>
      openVswitch.ofctl('add-flow', 'br0', 'priority=0,actions=NORMAL'),
    ),
  )
  others = await startHostProcess({
    netns: lab.fabric,
    database: database.url,
    ovsdb: ['node2', 'node3'].map(dbSocket),
  })
  host = await startHostProcess({
    netns: node1().openVswitch.netns,
    database: database.url,
    ovsdb: [dbSocket('node1')],
    arguments: ['--node-id', 'node1'],
  })
  await others.api('POST', '/batch', demoRequests(demoPlan))
  await Promise.all(['red1', 'red2', 'red3', 'blue1'].map((name) => lab.machine(name).dhcp()))
}, 60_000)
afterAll(async () => {
  await Promise.all([host?.remove(), others?.remove()])
  await database?.remove()
  await lab?.stop()
})

test('hosts that share a database carry one network, and a bridge remembers its uplink', async () => {
  for (const address of ['10.0.0.12', '10.0.0.13']) await reaches(red1(), address)
  expect(await node1().openVswitch.vsctl('get', 'bridge', 'br0', 'external_ids:openvnet-uplink')).toBe('eth0')
  expect(await flowsOf('node1')).not.toContain('NORMAL')
  await isClean()
}, 30_000)

test('the switch restarts under its host', async () => {
  await restart()
  await reaches(red1(), '10.0.0.12')
  await reaches(red1(), '10.0.0.13')
  expect(await pingFromHost(databaseAddress)).toBe(true)
  await isClean()
}, 60_000)

test('switch and host restart', async () => {
  await host.kill9()
  await restart()
  expect((await flowsOf('node1')).trim()).toBe('')
  expect(await pingFromHost(databaseAddress)).toBe(false)
  await host.start(true)
  await eventually('the uplink to carry', () => pingFromHost(databaseAddress), comesBackWithinMs)
  await eventually('red1 to reach red2', () => red1().ping('10.0.0.12'), comesBackWithinMs)
  await reaches(red1(), '10.0.0.13')
  await isClean()
}, 60_000)

test('with the database away too, the hypervisor has its own network and tenants stay apart until it is back', async () => {
  await host.kill9()
  await database.kill()
  await restart()
  await host.start(true)
  await eventually('the uplink to carry', () => pingFromHost(databaseAddress), comesBackWithinMs)
  const flows = (await flowsOf('node1')).split('\n')
  expect(flows).toHaveLength(2)
  expect(await isSilent(red1(), '10.0.0.12')).toBe(true)
  expect((await host.request('GET', '/networks')).status).toBe(503)
  // Nodes that were not restarted go on without it.
  await reaches(lab.machine('red2'), '10.0.0.13')
  await database.start()
  await eventually('red1 to reach red2', () => red1().ping('10.0.0.12'), comesBackWithinMs)
  await reaches(red1(), '10.0.0.13')
  // The two flows from before there was a state are gone.
  expect(await flowsOf('node1')).not.toContain('cookie=0xffff0000')
  // Its bridge was adopted before anybody asked whether it may be served.
  expect(await Bun.file(host.logFile).text()).not.toContain('trusted_fail_mode')
  await eventually('both hosts to see the database', async () => {
    const answers = await Promise.all([host, others].map((one) => one.request('GET', '/networks')))
    return answers.every(({ status }) => status === 200)
  })
  await isClean()
}, 60_000)
