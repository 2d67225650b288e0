import { afterAll, beforeAll, expect, test } from 'bun:test'
import {
  eventually,
  type OpenVswitch,
  runCommand,
  startOpenVswitch,
} from '../../tests/support/open-vswitch.ts'
import { startOvsdbRig } from './testing.ts'

const dpid = '0x00000000000000f1'
const controller = '10.99.0.8'
const victim = '10.99.0.2'
let ovs: OpenVswitch
const machines: string[] = []

/** A machine of its own tenant: a namespace behind a port of the bridge. */
async function addMachine(name: string, address: string) {
  const netns = `${ovs.netns}-${name}`
  machines.push(netns)
  await runCommand(['ip', 'netns', 'add', netns])
  await ovs.exec('ip', 'link', 'add', name, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', netns)
  await ovs.exec('ip', 'link', 'set', name, 'up')
  await runCommand(['ip', '-n', netns, 'address', 'add', `${address}/24`, 'dev', 'eth0'])
  await runCommand(['ip', '-n', netns, 'link', 'set', 'eth0', 'up'])
  await ovs.vsctl('add-port', 'br0', name)
}

beforeAll(async () => {
  ovs = await startOpenVswitch({ name: 'inband' })
  const settings = ['datapath_type=netdev', 'fail_mode=secure', `other_config:datapath-id=${dpid.slice(2)}`]
  await ovs.vsctl('add-br', 'br0', '--', 'set', 'bridge', 'br0', ...settings)
  await ovs.exec('ip', 'address', 'add', '10.99.0.1/24', 'dev', 'br0')
  await ovs.exec('ip', 'link', 'set', 'br0', 'up')
  await addMachine('attacker', controller)
  await addMachine('victim', victim)
})
afterAll(async () => {
  await Promise.all(machines.map((netns) => runCommand(['ip', 'netns', 'del', netns]).catch(() => {})))
  await ovs?.stop()
})

/** The attacker has the address of the switch's controller or manager, and asks for the victim. Does the victim answer? */
async function reaches() {
  const attacker = machines[0]!
  await runCommand(['ip', '-n', attacker, 'neigh', 'flush', 'all'])
  await runCommand([
    'ip',
    'netns',
    'exec',
    attacker,
    'ping',
    '-c',
    '2',
    '-i',
    '0.1',
    '-W',
    '0.3',
    victim,
  ]).catch(() => {})
  return (await runCommand(['ip', '-n', attacker, 'neigh', 'show', victim])).includes('lladdr')
}

test('one tenant does not reach another through the hidden flows of in-band control', async () => {
  expect(await reaches()).toBe(false)
  for (const target of [
    ['set-manager', `tcp:${controller}:6640`],
    ['set-controller', 'br0', `tcp:${controller}:6653`],
  ]) {
    await ovs.vsctl('set', 'bridge', 'br0', 'other_config:disable-in-band=false')
    await ovs.vsctl(...target)
    // The control: this is how Open vSwitch is by itself.
    await eventually('the hole', reaches)
    const rig = startOvsdbRig([`unix:${ovs.dbSocket}`], [dpid])
    try {
      await rig.secure(dpid)
      await eventually('the hole to be closed', async () => !(await reaches()))
      // Rows that come later open nothing.
      await ovs.vsctl('del-manager', '--', 'del-controller', 'br0')
      await ovs.vsctl(...target)
      for (let attempt = 0; attempt < 3; attempt++) expect(await reaches()).toBe(false)
    } finally {
      rig.manager.close()
      await ovs.vsctl('del-manager', '--', 'del-controller', 'br0')
    }
  }
}, 30_000)
