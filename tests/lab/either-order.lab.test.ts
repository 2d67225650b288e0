/** Whatever comes first: interface or port, datapath or bridge; and what goes for a while. */
import { afterAll, afterEach, beforeAll, expect, test } from 'bun:test'
import { ipBatch } from '../../cli/lab/namespaces.ts'
import { demoPlan } from '../../cli/lab/plan.ts'
import { demoRequests } from '../../cli/vnet/demo/network.ts'
import { startHostProcess } from '../support/host-process.ts'
import { type Network, startNetwork } from '../support/network.ts'
import { eventually } from '../support/open-vswitch.ts'
import { addMachine, plug, unplug } from '../support/plugging.ts'
import { isSilent, reaches } from '../support/reach.ts'
import { arriving } from '../support/wire.ts'

let network: Network
const machine = (name: string) => network.lab.machine(name)
const node = (name: string) => network.lab.hypervisor(name)
const vif = (name: string, mac: string, address: string, more: object = {}) => ({
  uuid: `if-${name}`,
  mode: 'vif',
  port_name: name,
  network_uuid: 'nw-red',
  mac_address: mac,
  ipv4_address: address,
  ...more,
})

beforeAll(async () => {
  network = await startNetwork()
  await Promise.all(network.lab.machines.map((one) => one.dhcp()))
  for (const address of ['10.0.0.12', '10.0.0.13']) await reaches(machine('red1'), address)
})
afterAll(() => network?.stop())
afterEach(() => network.check())

test('a port before its interface, and an interface before its port', async () => {
  const early = await addMachine(node('node1'), 'early', '52:54:00:00:03:01')
  const late = await addMachine(node('node2'), 'late', '52:54:00:00:03:02')
  try {
    await plug(node('node1'), early)
    await network.host.api('POST', '/interfaces', vif('late', late.mac, '10.0.0.32'))
    await network.host.api('POST', '/interfaces?wait=applied', vif('early', early.mac, '10.0.0.31'))
    await plug(node('node2'), late)
    expect((await early.dhcp()).address).toBe('10.0.0.31')
    expect((await late.dhcp()).address).toBe('10.0.0.32')
    await reaches(early, '10.0.0.32')
    await reaches(late, '10.0.0.13')
    expect(await isSilent(early, '10.0.0.99')).toBe(true)

    await network.host.api('DELETE', '/interfaces/if-early?wait=applied')
    await unplug(node('node2'), late)
    await eventually('late to be silent', () => isSilent(machine('red1'), '10.0.0.32'))
    expect(await isSilent(early, '10.0.0.2')).toBe(true)
    await reaches(machine('red1'), '10.0.0.12')
    await network.host.api('DELETE', '/interfaces/if-late')
    await unplug(node('node1'), early)
  } finally {
    await Promise.all([early.remove(), late.remove()])
  }
}, 60_000)

test('a datapath before its bridge, and a bridge before its datapath', async () => {
  const { openVswitch } = node('node1')
  const dpid = '00000000000000f1'
  const guest = await addMachine(node('node1'), 'guest', '52:54:00:00:03:03')
  const datapath = { uuid: 'dp-late', display_name: 'late', dpid: `0x${dpid}`, node_id: 'node1' }
  const addBridge = () =>
    openVswitch.vsctl(
      ...['add-br', 'br1', '--', 'set', 'bridge', 'br1', 'datapath_type=netdev'],
      ...[`other_config:datapath-id=${dpid}`, '--', 'add-port', 'br1', 'guest'],
    )
  const isServed = (expected: boolean) =>
    eventually(`dp-late ${expected ? '' : 'not '}to be served`, async () => {
      const { status, answer } = await network.host.request('GET', '/datapaths/dp-late/status')
      return (status === 200 && (answer as { connected: boolean }).connected) === expected
    })
  try {
    await network.host.api('POST', '/datapaths', datapath)
    await network.host.api('POST', '/interfaces', vif('guest', guest.mac, '10.0.0.33'))
    await addBridge()
    await isServed(true)
    expect(await openVswitch.vsctl('get-fail-mode', 'br1')).toBe('secure')
    expect((await guest.dhcp()).address).toBe('10.0.0.33')
    await network.check()

    await openVswitch.vsctl('del-br', 'br1')
    await isServed(false)
    await network.host.api('DELETE', '/datapaths/dp-late')
    await addBridge()
    await Bun.sleep(500)
    await network.host.api('POST', '/datapaths', datapath)
    await isServed(true)
    expect((await guest.dhcp()).address).toBe('10.0.0.33')
  } finally {
    await network.host.request('DELETE', '/interfaces/if-guest')
    await network.host.request('DELETE', '/datapaths/dp-late')
    await openVswitch.vsctl('--if-exists', 'del-br', 'br1')
    await guest.remove()
  }
}, 60_000)

/** Everything of a datapath, with its host interface, which is put there before it carries anything, or afterwards. */
const registered = (name: string, carriesFirst = false) => {
  const [datapath, ...rest] = demoRequests(demoPlan).filter(
    ({ path, body }) => path.includes(`dp-${name}`) || body['uuid'] === `dp-${name}`,
  )
  const body = { datapath_uuid: `dp-${name}`, port_name: 'eth0', singular: true }
  const claim = { method: 'POST', path: `/interfaces/if-${name}/ports`, body }
  return carriesFirst ? [datapath, ...rest, claim] : [datapath, claim, ...rest]
}
/** Of somebody else. */
const foreign = 'cookie=0x7, priority=9,in_port=77 actions=drop'
const flowsOn = async (name: string) =>
  (await node(name).openVswitch.ofctl('dump-flows', '--no-stats', 'br0'))
    .split('\n')
    .filter((line) => line.includes('actions='))
const isForeign = (flow: string) => flow.trim() === foreign
const hypervisorAnswers = (from: string, address: string) =>
  node(from)
    .openVswitch.exec('ping', '-n', '-c', '1', '-W', '1', address)
    .then(
      () => true,
      () => false,
    )

/** Whether anybody is connected to the management socket of a bridge: each such connection has its path. */
async function isHeld({ dir }: { readonly dir: string }, bridge: string): Promise<boolean> {
  const connected = ' 03 '
  const sockets = (await Bun.file('/proc/net/unix').text()).split('\n')
  return sockets.some((line) => line.includes(connected) && line.endsWith(`${dir}/${bridge}.mgmt`))
}

/** In each of the ways in which it may happen: how it is deleted, and what must be there before it is looked at. */
const deletions = {
  'whose host serves it': () => network.host.api('DELETE', '/datapaths/dp-node2'),
  async 'whose host is away'() {
    const { host } = network
    await host.stop()
    // One that reaches no switch.
    const other = await startHostProcess({ database: host.database })
    await other.api('DELETE', '/datapaths/dp-node2').finally(() => other.remove())
    await reaches(machine('red2'), '10.0.0.34')
    await node('node2').openVswitch.ofctl('add-flow', 'br0', foreign)
    await host.start()
  },
}
test.each(Object.entries(deletions))(
  'a datapath is deleted %s',
  async (how, deleteDatapath) => {
    const { openVswitch } = node('node2')
    const guests = await Promise.all(
      ['red', 'blue'].map((tenant, n) => addMachine(node('node2'), `${tenant}x`, `52:54:00:00:03:1${n}`)),
    )
    const [redGuest, blueGuest] = guests as [(typeof guests)[0], (typeof guests)[0]]
    try {
      for (const guest of guests) await plug(node('node2'), guest)
      for (const [n, tenant] of ['red', 'blue'].entries())
        await network.host.api('POST', '/interfaces?wait=applied', {
          ...vif(`${tenant}x`, guests[n]!.mac, '10.0.0.34'),
          network_uuid: `nw-${tenant}`,
        })
      for (const guest of guests) expect((await guest.dhcp()).address).toBe('10.0.0.34')
      await network.check()
      expect(await isHeld(openVswitch, 'br0')).toBe(true)
      const before = (await flowsOn('node2')).length
      for (const tenant of ['red', 'blue']) await reaches(machine(`${tenant}2`), '10.0.0.34')

      await deleteDatapath()
      const ofUplink = 2
      await eventually('its flows to be gone', async () => {
        const left = await flowsOn('node2')
        return left.filter((flow) => !isForeign(flow)).length === ofUplink
      })
      const others = (await flowsOn('node2')).filter(isForeign).length
      expect(others).toBe(how === 'whose host is away' ? 1 : 0)
      await openVswitch.appctl('revalidator/wait')
      for (const guest of [redGuest, blueGuest]) expect(await isSilent(guest, '10.0.0.12')).toBe(true)
      for (const tenant of ['red', 'blue'])
        expect(await isSilent(machine(`${tenant}2`), '10.0.0.34')).toBe(true)
      await eventually(
        'its tunnel ports to be gone',
        async () => !(await openVswitch.vsctl('list-ports', 'br0')).includes('t-'),
      )
      // Meters say of nobody whose they are.
      expect((await openVswitch.ofctl('dump-meters', 'br0')).includes('meter=')).toBe(others > 0)
      await eventually('its switch to be let go', async () => !(await isHeld(openVswitch, 'br0')))
      // Who is deleted is the datapath, not the hypervisor, nor the rest of the network.
      expect(await hypervisorAnswers('node1', '192.168.10.12')).toBe(true)
      expect(await openVswitch.vsctl('get-fail-mode', 'br0')).toBe('secure')
      await reaches(machine('red1'), '10.0.0.13')
      await network.host.api('DELETE', '/interfaces/if-bluex')

      await network.host.api('POST', '/batch?wait=applied', registered('node2', others === 0))
      await reaches(machine('red1'), '10.0.0.12')
      await reaches(machine('red3'), '10.0.0.12')
      await reaches(redGuest, '10.0.0.12')
      expect(await isSilent(machine('blue2'), '10.0.0.34')).toBe(true)
      await network.check()
      expect((await flowsOn('node2')).length).toBeLessThan(before)
    } finally {
      for (const tenant of ['red', 'blue']) await network.host.request('DELETE', `/interfaces/if-${tenant}x`)
      for (const guest of guests) {
        await unplug(node('node2'), guest)
        await guest.remove()
      }
    }
  },
  60_000,
)

test('a datapath that is deleted and registered again at once is served', async () => {
  await network.host.api('POST', '/batch?wait=applied', [
    { method: 'DELETE', path: '/datapaths/dp-node2' },
    ...registered('node2'),
  ])
  await reaches(machine('red1'), '10.0.0.12')
  await reaches(machine('blue2'), '10.0.0.13')
}, 30_000)

test('a cable that is cut takes what is behind it, and nothing else', async () => {
  await ipBatch(network.lab.fabric, ['link set node2 down'])
  await eventually('red2 to be silent', () => isSilent(machine('red1'), '10.0.0.12'))
  await reaches(machine('red1'), '10.0.0.13')
  await network.check()
  await ipBatch(network.lab.fabric, ['link set node2 up'])
  await reaches(machine('red1'), '10.0.0.12')
  await reaches(machine('red2'), '10.0.0.13')
}, 60_000)

test('ports that go and come while OVSDB is away are where they are when it is back', async () => {
  const { openVswitch } = node('node2')
  // Without its OVSDB, ovs-vswitchd stands still, and so does a user-space datapath: nothing passes meanwhile.
  await openVswitch.killOvsdb()
  await Bun.sleep(500)
  await reaches(machine('red1'), '10.0.0.13')
  await openVswitch.startOvsdb()
  // Before the host has read it again.
  await openVswitch.vsctl('--no-wait', 'del-port', 'br0', 'red2')
  await eventually('red2 to be silent', () => isSilent(machine('red1'), '10.0.0.12'))
  await reaches(machine('blue1'), '10.0.0.12')
  await network.check()
  await openVswitch.killOvsdb()
  await openVswitch.startOvsdb()
  await openVswitch.vsctl('add-port', 'br0', 'red2')
  await reaches(machine('red1'), '10.0.0.12')
  await network.check()
  // A device that vanishes and comes back under the same name, with nobody there to write it down.
  await openVswitch.killOvsdb()
  await ipBatch(openVswitch.netns, ['link set red2 down'])
  await openVswitch.startOvsdb()
  await ipBatch(openVswitch.netns, ['link set red2 up'])
  await reaches(machine('red1'), '10.0.0.12')
}, 60_000)

test('a port that two interfaces ask for is the one’s that asked for it there, and the other’s when that is gone', async () => {
  const guest = await addMachine(node('node1'), 'claimed', '52:54:00:00:03:04')
  const { host } = network
  const addressOfGuest = async () => (await guest.dhcp()).address
  try {
    await host.api('POST', '/interfaces', vif('anywhere', guest.mac, '10.0.0.41', { port_name: 'claimed' }))
    await plug(node('node1'), guest)
    expect(await addressOfGuest()).toBe('10.0.0.41')
    const rival = vif('here', '52:54:00:00:03:05', '10.0.0.42', {
      port_name: 'claimed',
      owner_datapath_uuid: 'dp-node1',
    })
    await host.api('POST', '/interfaces?wait=applied', rival)
    expect(await isSilent(guest, '10.0.0.2')).toBe(true)
    await guest.exec('ip', 'link', 'set', 'eth0', 'address', '52:54:00:00:03:05')
    expect(await addressOfGuest()).toBe('10.0.0.42')
    await network.check()
    const { status } = await host.request('POST', '/interfaces', {
      ...rival,
      uuid: 'if-third',
      mac_address: '52:54:00:00:03:06',
      ipv4_address: '10.0.0.43',
    })
    expect(status).toBe(409)
    await host.api('DELETE', '/interfaces/if-here?wait=applied')
    await guest.exec('ip', 'link', 'set', 'eth0', 'address', guest.mac)
    expect(await addressOfGuest()).toBe('10.0.0.41')
    await host.api('DELETE', '/interfaces/if-anywhere')
    await unplug(node('node1'), guest)
  } finally {
    await guest.remove()
  }
}, 60_000)

test('a singular interface is where its port came last, and back where it was when that goes', async () => {
  const twin = await addMachine(node('node3'), 'red1', machine('red1').mac)
  await twin.exec('ip', 'address', 'add', '10.0.0.11/24', 'dev', 'eth0')
  const places = [
    { name: 'node1', netns: machine('red1').netns },
    { name: 'node3', netns: twin.netns },
  ] as const
  const whoHears = async () => {
    const seen = await arriving(places, 'icmp[icmptype] == icmp-echo', () =>
      reaches(machine('red2'), '10.0.0.11'),
    )
    return Object.entries(seen).flatMap(([name, frames]) => (frames.length > 0 ? [name] : []))
  }
  try {
    await reaches(machine('red2'), '10.0.0.11')
    expect(await whoHears()).toEqual(['node1'])
    await plug(node('node3'), twin)
    await eventually('the newest to have it', async () => (await whoHears()).join() === 'node3')
    await network.check()
    await unplug(node('node3'), twin)
    await eventually('the first to have it again', async () => (await whoHears()).join() === 'node1')
  } finally {
    await node('node3').openVswitch.vsctl('--if-exists', 'del-port', 'br0', 'red1')
    await twin.remove()
  }
}, 60_000)
