import { afterAll, beforeAll, expect, test } from 'bun:test'
import { type Lab, startLab } from '../../cli/lab/lab.ts'
import { demoPlan } from '../../cli/lab/plan.ts'
import { HostProcess } from '../support/host-process.ts'
import { eventually } from '../support/open-vswitch.ts'

/** Nobody listens there. */
const database = 'http://127.0.0.1:9'
let lab: Lab
let host: HostProcess

beforeAll(async () => {
  lab = await startLab({ ...demoPlan, hypervisors: demoPlan.hypervisors.slice(0, 1) })
  const { openVswitch } = lab.hypervisor('node1')
  await openVswitch.ofctl('add-flow', 'br0', 'cookie=7,table=3,priority=9,ip,actions=drop')
  host = new HostProcess({ ovsdb: [`unix:${openVswitch.dbSocket}`], database })
  await host.start(true)
})
afterAll(async () => {
  await host?.remove()
  await lab?.stop()
})

test('a hypervisor that was cut off from its database is joined to its uplink as soon as the bridge says which port that is', async () => {
  const { openVswitch } = lab.hypervisor('node1')
  const ping = () =>
    openVswitch.exec('ping', '-n', '-c', '1', '-W', '1', '192.168.10.1').then(
      () => true,
      () => false,
    )
  expect(await ping()).toBe(false)
  expect((await host.request('GET', '/networks')).status).toBe(503)
  await openVswitch.vsctl('set', 'bridge', 'br0', 'external_ids:openvnet-uplink=eth0')
  await eventually('the gateway to be reached', ping)
  const flows = (await openVswitch.ofctl('dump-flows', 'br0')).split('\n')
  expect(flows.filter((flow) => flow.includes('cookie=0x7'))).toHaveLength(1)
  // The machines of the hypervisor are as apart as before.
  expect(await lab.machine('red1').exec('ip', 'address', 'add', '192.168.10.77/24', 'dev', 'eth0')).toBe('')
  expect(await lab.machine('red1').ping('192.168.10.1')).toBeNull()
}, 30_000)
