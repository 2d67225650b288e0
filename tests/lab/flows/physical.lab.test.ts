import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { inNamespace } from '../../../cli/lab/namespaces.ts'
import { host as hostFlows } from '../../../functions/flows/host.ts'
import { stateOf } from '../../../functions/testing/state.ts'
import { arp, broadcast, datagram, ethernet, ipv4, udp } from '../../support/frames.ts'
import { received, type Seen } from './listen.ts'
import { planOf } from './plan.ts'
import { type Place, Rig, reaches } from './rig.ts'

let rig: Rig
let one: Place
let two: Place
let tenant: Place
let gatewayMac: string
const localPort = 'LOCAL'
const outside = '52:54:00:66:66:66'
/** Simulated, and owned by node 2. */
const simulated = { mac: '52:54:00:77:77:77', address: '192.168.10.200' }

/** Machines directly in the physical network of nodes 1 and 2, with a simulated interface, and a tenant's beside them. */
beforeAll(async () => {
  rig = await Rig.start(planOf({ node1: ['phys1', 'red1'], node2: ['phys2', 'red2'], node3: [] }))
  one = await rig.place('phys1', rig.physical('a'), '192.168.10.101')
  two = await rig.place('phys2', rig.physical('a'), '192.168.10.102')
  const { id } = rig.world.simulated(rig.physical('a'), simulated.mac, simulated.address)
  const datapath_id = rig.node('node2').datapath.id
  rig.world.add('interfacePorts', { interface_id: id, datapath_id, interface_mode: 'simulated' })
  const red = rig.network()
  tenant = await rig.place('red1', red, '192.168.10.103')
  await rig.place('red2', red, '192.168.10.104')
  await rig.install()
  gatewayMac = await inNamespace(rig.lab.fabric, 'cat', '/sys/class/net/sw-a/address')
}, 60_000)
afterAll(() => rig?.stop())

const host = (n: 1 | 2 | 3) => rig.node(`node${n}`).hypervisor
const pingFrom = (n: 1 | 2 | 3, address: string) =>
  host(n).openVswitch.exec('ping', '-n', '-c', '2', '-i', '0.2', '-W', '2', address)
// But for what the gateway asks of its own accord.
const seenOf = (port: number, frames: readonly string[], enough?: (seen: Seen) => boolean) =>
  received(
    [one.machine, two.machine, tenant.machine],
    `(udp port 7777 or arp) and not ether src ${gatewayMac}`,
    () => rig.inject('node1', port, ...frames),
    enough,
  )

/** The flows of a hypervisor that the state has no host interface of. */
function unknownHost(port_number: number) {
  const port = { id: 1, datapath_id: 1, port_name: 'eth0', port_number, uplink: true }
  return hostFlows({ feature: 'host', datapathId: 1, objectId: 1 }, stateOf({ activePorts: [port] })).flows
}

describe('the hypervisors’ own traffic', () => {
  const all = async () => {
    await pingFrom(1, '192.168.10.12')
    await pingFrom(1, '192.168.10.1')
    await pingFrom(3, '192.168.10.11')
  }

  test('passes with flows of the state', all)

  test('passes where the state knows no host interface but the bridge its uplink, and nothing else does', async () => {
    for (const name of ['node1', 'node2', 'node3'])
      await rig.replaceFlows(name, unknownHost(rig.uplink(name)))
    await all()
    expect(await one.machine.ping('192.168.10.1')).toBeNull()
    await rig.install()
    await all()
    await reaches(one.machine, '192.168.10.1')
  })

  test('tagged frames pass between the host and the wire, and reach no machine', async () => {
    const ends = [
      { name: 'host', netns: host(1).openVswitch.netns, device: 'br0' },
      { name: 'wire', netns: rig.lab.fabric, device: 'node1' },
      one.machine,
      tenant.machine,
    ]
    const frame = ethernet(
      broadcast,
      outside,
      0x8100,
      `004d0800${ipv4('172.31.0.1', '172.31.0.2', 17, udp(7777, 7777))}`,
    )
    const seen = (port: number | 'LOCAL', end: string) =>
      received(
        ends,
        'vlan 77',
        () => rig.inject('node1', port, frame),
        (lines) => lines[end]!.length > 0,
      )
    expect(await seen(rig.uplink('node1'), 'host')).toEqual({
      host: [expect.any(String)],
      wire: [],
      phys1: [],
      red1: [],
    })
    expect(await seen(localPort, 'wire')).toEqual({
      host: [],
      wire: [expect.any(String)],
      phys1: [],
      red1: [],
    })
  })
})

describe('machines in a physical network', () => {
  test('reach each other, the hypervisors, the gateway, and through it other networks', async () => {
    await reaches(one.machine, '192.168.10.102')
    await reaches(one.machine, '192.168.10.11')
    await reaches(one.machine, '192.168.10.12')
    await reaches(one.machine, '192.168.10.1')
    await one.machine.exec('ip', 'route', 'add', 'default', 'via', '192.168.10.1')
    await reaches(one.machine, '192.168.20.13')
    await pingFrom(1, '192.168.10.101')
    await pingFrom(2, '192.168.10.101')
  })

  test('are another world than a tenant’s network with the same addresses', async () => {
    await reaches(tenant.machine, '192.168.10.104')
    expect(await tenant.machine.ping('192.168.10.101')).toBeNull()
    expect(await tenant.machine.ping('192.168.10.11')).toBeNull()
    const frame = datagram([tenant.machine.mac, one.machine.mac], '192.168.10.101', '192.168.10.103')
    const control = datagram([broadcast, one.machine.mac], '192.168.10.101', '255.255.255.255')
    const seen = await seenOf(one.port, [frame, control], (lines) => lines['phys2']!.length > 0)
    expect(seen['red1']).toEqual([])
    expect(seen['phys2']!.filter((line) => line.includes(broadcast))).toHaveLength(1)
  })

  test('get what comes from the wire, but not under their own addresses', async () => {
    const uplink = rig.uplink('node1')
    const announce = (spa: string) =>
      ethernet(broadcast, outside, 0x0806, arp({ sha: outside, spa, tpa: spa }))
    const control = await seenOf(
      uplink,
      [datagram([broadcast, outside], '192.168.10.7', '255.255.255.255'), announce('192.168.10.7')],
      (lines) => lines['phys1']!.length >= 2,
    )
    expect({ one: control['phys1']!.length, red: control['red1'] }).toEqual({ one: 2, red: [] })
    const own = await seenOf(uplink, [
      datagram([broadcast, one.machine.mac], '192.168.10.7', '255.255.255.255'),
      datagram([broadcast, outside], '192.168.10.101', '255.255.255.255'),
      announce('192.168.10.101'),
      datagram([broadcast, simulated.mac], '192.168.10.7', '255.255.255.255'),
      datagram([broadcast, outside], simulated.address, '255.255.255.255'),
      announce(simulated.address),
    ])
    expect(own).toEqual({ phys1: [], phys2: [], red1: [] })
  })

  test('send with their own addresses only', async () => {
    const frames = [
      datagram([broadcast, one.machine.mac], '192.168.10.1', '255.255.255.255'),
      datagram([broadcast, outside], '192.168.10.101', '255.255.255.255'),
      ethernet(
        broadcast,
        one.machine.mac,
        0x0806,
        arp({ sha: one.machine.mac, spa: '192.168.10.1', tpa: '192.168.10.102' }),
      ),
    ]
    expect(await seenOf(one.port, frames)).toEqual({ phys1: [], phys2: [], red1: [] })
  })
})

describe('a simulated interface of a physical network', () => {
  const answers = 'src host 192.168.10.200 or arp src host 192.168.10.200'

  test('answers machines on every hypervisor, and none of them asks outside', async () => {
    const wires = ['node1', 'node2'].map((device) => ({ name: device, netns: rig.lab.fabric, device }))
    const seen = await received(wires, 'host 192.168.10.200 or arp host 192.168.10.200', async () => {
      for (const { machine } of [one, two]) await reaches(machine, simulated.address)
    })
    expect(seen).toEqual({ node1: [], node2: [] })
  })

  test('answers who asks from the wire once, from the hypervisor that owns it', async () => {
    const ask = {
      ARP: ethernet(
        broadcast,
        outside,
        0x0806,
        arp({ sha: outside, spa: '192.168.10.7', tpa: simulated.address }),
      ),
      echo: ethernet(
        simulated.mac,
        outside,
        0x0800,
        ipv4('192.168.10.7', simulated.address, 1, '0800f7fd00010001'),
      ),
    }
    const wires = ['node1', 'node2'].map((device) => ({ name: device, netns: rig.lab.fabric, device }))
    for (const [what, frame] of Object.entries(ask)) {
      const seen = await received(
        wires,
        answers,
        async () => {
          for (const node of ['node1', 'node2']) await rig.inject(node, rig.uplink(node), frame)
        },
        (lines) => lines['node2']!.length > 0,
      )
      expect({ what, node1: seen['node1'], node2: seen['node2']!.length }).toEqual({
        what,
        node1: [],
        node2: 1,
      })
    }
  })
})
