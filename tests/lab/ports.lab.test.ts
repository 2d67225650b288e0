/** Ports that change while they are there: their iface-id, their number, their device; and the port of the physical network. */
import { afterAll, afterEach, beforeAll, expect, test } from 'bun:test'
import { ipBatch } from '../../cli/lab/namespaces.ts'
import { broadcast, datagram } from '../support/frames.ts'
import { whereTheyArrive } from '../support/marked.ts'
import { type Network, startNetwork } from '../support/network.ts'
import { eventually } from '../support/open-vswitch.ts'
import { addMachine, plug, unplug } from '../support/plugging.ts'
import { isSilent, reaches } from '../support/reach.ts'

let network: Network
const machine = (name: string) => network.lab.machine(name)
const node1 = () => network.lab.hypervisor('node1')
const vsctl = (...args: string[]) => node1().openVswitch.vsctl(...args)
const mac = (n: number) => `52:54:00:00:04:0${n}`
const vif = (name: string, n: number, port: string, tenant = 'red') => ({
  uuid: `if-${name}`,
  mode: 'vif',
  port_name: port,
  network_uuid: `nw-${tenant}`,
  mac_address: mac(n),
  ipv4_address: `10.0.0.${60 + n}`,
})

beforeAll(async () => {
  network = await startNetwork()
  await Promise.all(network.lab.machines.map((one) => one.dhcp()))
  for (const address of ['10.0.0.12', '10.0.0.13']) await reaches(machine('red1'), address)
})
afterAll(() => network?.stop())
afterEach(() => network.check())

test('a port that is given another iface-id is another interface’s, in another network', async () => {
  const { host } = network
  await host.api('POST', '/interfaces', vif('one', 1, 'uuid-one'))
  await host.api('POST', '/interfaces', vif('two', 2, 'uuid-two', 'blue'))
  const guest = await addMachine(node1(), 'tap0', mac(1))
  const wears = (n: number) => guest.exec('ip', 'link', 'set', 'eth0', 'address', mac(n))
  const isNamed = (id: string) => vsctl('set', 'interface', 'tap0', `external_ids:iface-id=${id}`)
  try {
    await plug(node1(), guest)
    await isNamed('uuid-one')
    expect((await guest.dhcp()).address).toBe('10.0.0.61')
    await reaches(machine('red1'), '10.0.0.61')

    await isNamed('uuid-two')
    await eventually('red to have lost it', () => isSilent(machine('red1'), '10.0.0.61'))
    await wears(2)
    expect((await guest.dhcp()).address).toBe('10.0.0.62')
    await reaches(machine('blue1'), '10.0.0.62')
    expect(await isSilent(machine('red1'), '10.0.0.62')).toBe(true)

    await vsctl('remove', 'interface', 'tap0', 'external_ids', 'iface-id')
    await eventually('blue to have lost it', () => isSilent(machine('blue1'), '10.0.0.62'))
    await reaches(machine('blue1'), '10.0.0.12')
  } finally {
    await unplug(node1(), guest)
    await guest.remove()
  }
}, 60_000)

test('a port that is given another number is followed', async () => {
  await vsctl('set', 'interface', 'red1', 'ofport_request=77')
  await eventually('the number', async () => (await vsctl('get', 'interface', 'red1', 'ofport')) === '77')
  await reaches(machine('red2'), '10.0.0.11')
  await reaches(machine('red1'), '10.0.0.13')
  await network.check()
  // And the number that it had becomes another's.
  await vsctl(
    'set',
    'interface',
    'blue1',
    'ofport_request=77',
    '--',
    'set',
    'interface',
    'red1',
    'ofport_request=78',
  )
  await eventually('the numbers', async () => (await vsctl('get', 'interface', 'blue1', 'ofport')) === '77')
  await reaches(machine('red2'), '10.0.0.11')
  await reaches(machine('blue2'), '10.0.0.11')
}, 60_000)

test('a port without a device is nobody, until the device comes', async () => {
  await network.host.api('POST', '/interfaces', vif('later', 3, 'later'))
  await vsctl('--no-wait', 'add-port', 'br0', 'later').catch(() => {})
  await eventually('Open vSwitch to say so', async () =>
    (await vsctl('get', 'interface', 'later', 'error')).includes('No such device'),
  )
  await network.check()
  const guest = await addMachine(node1(), 'later', mac(3))
  try {
    expect((await guest.dhcp()).address).toBe('10.0.0.63')
    await reaches(machine('red2'), '10.0.0.63')
    await ipBatch(node1().openVswitch.netns, ['link del later'])
    await eventually('it to be gone', () => isSilent(machine('red2'), '10.0.0.63'))
    await reaches(machine('red2'), '10.0.0.11')
  } finally {
    await vsctl('--if-exists', 'del-port', 'br0', 'later')
    await guest.remove()
  }
}, 60_000)

test('without the port of the physical network a hypervisor has what is on it, and with it all again', async () => {
  const guest = await addMachine(node1(), 'red4', mac(4))
  try {
    await network.host.api('POST', '/interfaces', vif('red4', 4, 'red4'))
    await plug(node1(), guest)
    expect((await guest.dhcp()).address).toBe('10.0.0.64')
    await vsctl('del-port', 'br0', 'eth0')
    await eventually('red2 to be cut off', () => isSilent(machine('red1'), '10.0.0.12'))
    await reaches(machine('red1'), '10.0.0.64')
    await network.check()
    await vsctl('add-port', 'br0', 'eth0')
    await reaches(machine('red1'), '10.0.0.12')
    await reaches(machine('red1'), '10.0.0.13')
    await node1().openVswitch.exec('ping', '-n', '-c', '1', '-W', '2', '192.168.20.13')
  } finally {
    await unplug(node1(), guest)
    await guest.remove()
  }
}, 60_000)

test('a bridge that is removed and made again carries everything again', async () => {
  const { plan, openVswitch } = node1()
  await vsctl('del-br', 'br0')
  await eventually('red1 to be cut off', () => isSilent(machine('red1'), '10.0.0.12'))
  await vsctl(
    ...['add-br', 'br0', '--', 'set', 'bridge', 'br0', 'datapath_type=netdev'],
    ...[`other_config:datapath-id=${plan.dpid}`, `other_config:hwaddr="${plan.mac}"`],
    ...['eth0', 'red1', 'blue1'].flatMap((name) => ['--', 'add-port', 'br0', name]),
  )
  await openVswitch.exec('ethtool', '-K', 'br0', 'tx', 'off')
  await ipBatch(openVswitch.netns, [
    `address replace ${plan.address}/24 dev br0`,
    'link set br0 up',
    'route replace default via 192.168.10.1',
  ])
  await reaches(machine('red1'), '10.0.0.12')
  await reaches(machine('red1'), '10.0.0.13')
  await reaches(machine('blue2'), '10.0.0.11')
  expect(await vsctl('get-fail-mode', 'br0')).toBe('secure')
}, 60_000)

test('an interface at the bridge’s own port: the switch takes its flows, and broadcasts reach who joins later', async () => {
  const { host } = network
  const own = { ...vif('own', 8, 'br0'), mode: 'internal', owner_datapath_uuid: 'dp-node1' }
  const late = await addMachine(node1(), 'late', mac(9))
  try {
    await host.api('POST', '/interfaces?wait=applied', own)
    await host.api('POST', '/interfaces', vif('late', 9, 'late'))
    await plug(node1(), late)
    await late.dhcp()
    const { active_datapath_uuids } = await host.api('GET', '/interfaces/if-own')
    expect(active_datapath_uuids).toEqual(['dp-node1'])
    const call = (marker: string) =>
      datagram([broadcast, machine('red2').mac], '10.0.0.12', '10.0.0.255', [7_777, 7_777], marker)
    const arrived = await whereTheyArrive(machine('red2'), [late, machine('red1'), machine('blue1')], {
      call,
    })
    expect(arrived['call']).toEqual(['late', 'red1'])
    expect(await host.api('GET', '/datapaths/dp-node1/status')).toMatchObject({ refusals: 0 })
    await network.check()
  } finally {
    await host.api('DELETE', '/interfaces/if-own?wait=applied')
    await unplug(node1(), late)
    await late.remove()
  }
}, 60_000)
