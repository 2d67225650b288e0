import { describe, expect, test } from 'bun:test'
import { join } from 'node:path'
import { formatMac } from '../../runtime/openvnet.ts'
import { FlowPiece } from '../../runtime/pipeline/canonical/flow-piece.ts'
import { flowsText, flowText } from '../../runtime/pipeline/text.ts'
import { computeAll, ip, mac, madeBy, World } from '../../tests/support/world.ts'
import { stateOf } from '../testing/state.ts'
import { host as hostFlows } from './host.ts'
import { features, pipeline, puntPoints } from './pipeline.ts'

/** Two datapaths in one physical network, a third in another, and a machine on each in one virtual network. */
function smallNetwork(values: Parameters<World['network']>[0] = {}) {
  const world = new World()
  const near = world.network({ mode: 'physical', ipv4_network: ip('172.16.0.0') })
  const far = world.network({ mode: 'physical', ipv4_network: ip('172.17.0.0') })
  const blue = world.network({ ipv4_network: ip('10.0.0.0'), ...values })
  const datapaths = [
    world.hypervisor(near, '172.16.0.1', '02:00:00:00:01:00', 1),
    world.hypervisor(near, '172.16.0.2', '02:00:00:00:02:00', 1),
    world.hypervisor(far, '172.17.0.3', '02:00:00:00:03:00', 1),
  ] as const
  const machines = datapaths.map((datapath, i) => {
    world.relate(datapath, blue, `02:00:00:00:0d:0${i + 1}`)
    world.port(datapath.id, `t-${blue.encapsulation ?? 'gre'}`, 9)
    return world.machine(blue, datapath.id, 10 + i, `52:54:00:00:00:0${i + 1}`, `10.0.0.${i + 1}`)
  })
  return { world, near, far, blue, datapaths, machines }
}

const text = (world: World, datapathId: number) =>
  flowsText(pipeline, computeAll(world.state(), datapathId).flows)
const linesWith = (all: string, ...parts: string[]) =>
  all.split('\n').filter((line) => parts.every((part) => line.includes(part)))

describe('a small network', () => {
  test('is these flows', async () => {
    const { world, blue } = smallNetwork()
    world.simulated(blue, '52:54:00:00:00:fe', '10.0.0.254', ['dhcp'])
    const golden = Bun.file(join(import.meta.dir, 'small-network.golden'))
    // VNET_GOLDEN=write takes over what is computed: the difference is read in review.
    if (process.env['VNET_GOLDEN'] === 'write') await golden.write(`${text(world, 1)}\n`)
    expect(`${text(world, 1)}\n`).toBe(await golden.text())
  })

  test('needs one tunnel port, and meters for the datapath and the interface', () => {
    const all = computeAll(smallNetwork({ encapsulation: 'vxlan' }).world.state(), 1)
    expect(all.tunnelPorts).toEqual([
      { name: 't-vxlan', type: 'vxlan', options: { key: 'flow', remote_ip: 'flow', local_ip: 'flow' } },
    ])
    expect(all.meters.map(({ meter_id }) => meter_id)).toEqual([0xffff, 0x2_ffff, 10])
  })

  test('has the bridge remember the port of its host interface as the uplink', () => {
    const { world, datapaths } = smallNetwork()
    expect(computeAll(world.state(), datapaths[0].id).uplinks).toEqual(['p1'])
    world.remove(
      'activeInterfaces',
      world.find('activeInterfaces', { interface_id: datapaths[0].hostInterfaceId }),
    )
    expect(computeAll(world.state(), datapaths[0].id).uplinks).toEqual([])
  })

  test('punts DHCP clients under the cookie of the punt point and the interface', () => {
    const { world, machines } = smallNetwork()
    expect(madeBy(computeAll(world.state(), 1), puntPoints.dhcp, machines[0]!.id)).toHaveLength(1)
  })

  test('has no cookie of 0 and no flow that another has too', () => {
    for (const id of [1, 2, 3])
      for (const flow of computeAll(smallNetwork().world.state(), id).flows)
        expect(flow.cookie >> 48n).not.toBe(0n)
  })
})

describe('what is not needed is not there', () => {
  test('a datapath that is not registered has nothing', () => {
    expect(computeAll(new World().state(), 7).flows).toEqual([])
  })

  test('a network without an interface here', () => {
    const { world, near, blue } = smallNetwork()
    const idle = world.hypervisor(near, '172.16.0.4', '02:00:00:00:04:00', 1)
    world.relate(idle, blue, '02:00:00:00:0d:04')
    expect(linesWith(text(world, idle.id), `network=${blue.tunnel_key_id} `)).toEqual([])
  })

  test('a tunnel port, where all peers are on the wire', () => {
    const { world, datapaths, blue } = smallNetwork()
    world.remove(
      'activeNetworks',
      world.find('activeNetworks', { datapath_id: datapaths[2].id, network_id: blue.id }),
    )
    expect(computeAll(world.state(), 1).tunnelPorts).toEqual([])
  })

  test('a peer that has no relation to the network, and its interfaces', () => {
    const { world, datapaths, blue } = smallNetwork()
    world.remove('datapathNetworks', world.find('datapathNetworks', { datapath_id: datapaths[1].id }))
    const flows = text(world, 1)
    expect(linesWith(flows, '52:54:00:00:00:02')).toEqual([])
    expect(linesWith(flows, '52:54:00:00:00:03')).not.toEqual([])
    expect(linesWith(flows, `floodPeers 1 network=${blue.tunnel_key_id}`)[0]).not.toContain(
      '02:00:00:00:0d:02',
    )
  })

  test('tunnel flows, before the switch has the port', () => {
    const { world } = smallNetwork()
    world.remove('activePorts', world.find('activePorts', { datapath_id: 1 }))
    const all = computeAll(world.state(), 1)
    expect(all.tunnelPorts).toHaveLength(1)
    expect(linesWith(flowsText(pipeline, all.flows), 'tun')).toEqual([])
  })
})

describe('numbers of flows', () => {
  test('an interface here costs 9, one behind a tunnel 2, one over the wire 3', () => {
    const { world, blue, datapaths } = smallNetwork()
    const count = () => [1, 2, 3].map((id) => computeAll(world.state(), id).flows.length)
    const before = count()
    world.machine(blue, datapaths[0].id, 20, '52:54:00:00:00:20', '10.0.0.20')
    const more = count().map((flows, i) => flows - before[i]!)
    expect(more).toEqual([9, 3, 2])
  })

  test('a thousand ports: a broadcast stays within OpenFlow messages, and one more port changes two short flows', () => {
    const { world, blue, datapaths } = smallNetwork({ ipv4_prefix: 16 })
    const add = (n: number) =>
      world.machine(
        blue,
        datapaths[0].id,
        100 + n,
        mac('52:54:01:00:00:00') + n,
        `10.0.${1 + (n >> 8)}.${n & 255}`,
      )
    for (let n = 0; n < 1000; n++) add(n)
    const flows = () => new Set(text(world, 1).split('\n'))
    const before = flows()
    expect(before.size).toBeGreaterThan(9_000)
    expect(before.size).toBeLessThan(10_100)
    for (const flow of computeAll(world.state(), 1).flows)
      for (const step of flow.instructions)
        if (step.type === 'OFPIT_APPLY_ACTIONS') expect(step.actions.length).toBeLessThanOrEqual(256)
    add(1000)
    const after = flows()
    const gone = [...before].filter((line) => !after.has(line))
    expect(gone.map((line) => line.split(' ')[0])).toEqual(['floodPorts'])
    expect([...after].filter((line) => !before.has(line))).toHaveLength(9 + 1)
  })
})

test('thousands of peers: a broadcast goes to each once, in flows that fit in OpenFlow messages', () => {
  const { world, near, far, blue } = smallNetwork()
  const hardware = (n: number) => formatMac(mac('02:00:01:00:00:00') + n)
  for (let n = 0; n < 3_000; n++) {
    const address = `172.16.${8 + (n >> 8)}.${n & 255}`
    const datapath = world.hypervisor(n % 2 === 0 ? near : far, address, hardware(n), 1)
    world.relate(datapath, blue, hardware(10_000 + n))
    world.activate(blue.id, datapath.id)
  }
  const all = computeAll(world.state(), 1).flows
  const pages = all.filter(({ table }) => table === pipeline.tables.floodPeerPages.id)
  const actions = pages.map(({ instructions: [apply] }) =>
    apply?.type === 'OFPIT_APPLY_ACTIONS' ? apply.actions : [],
  )
  const unit = { feature: 'peers', datapathId: 1, objectId: blue.id }
  for (const flow of all) expect(new FlowPiece(unit, flow).bytes.length).toBeLessThan(65_536)
  const lines = pages.map((flow) => flowText(pipeline, flow))
  const targets = lines.flatMap((line) => line.match(/(tun_dst|eth_dst)=[\d.a-f:]+, output/g) ?? [])
  expect([pages.length, targets.length, new Set(targets).size]).toEqual([4, 3_002, 3_002])
  expect(actions.flat().filter(({ type }) => type === 'OFPAT_OUTPUT')).toHaveLength(3_002)
  // No copy for a tunnel comes after one for the wire.
  expect(targets.findLastIndex((one) => one.startsWith('tun_dst'))).toBeLessThan(
    targets.findIndex((one) => one.startsWith('eth_dst')),
  )
  expect(linesWith(flowsText(pipeline, all), 'floodPeers 1')).toEqual([
    `floodPeers 1 network=3 origin=local → ${[0, 1, 2, 3].map((page) => `floodPage=${page}, resubmit floodPeerPages`).join(', ')}`,
  ])
}, 20_000)

describe('interfaces', () => {
  test('that move leave nothing behind', () => {
    const moved = smallNetwork()
    const [machine] = moved.machines
    moved.world.remove(
      'activeInterfaces',
      moved.world.find('activeInterfaces', { interface_id: machine!.id }),
    )
    moved.world.plug(machine!.id, moved.datapaths[1].id, 30)
    const flows = text(moved.world, 1)
    expect(linesWith(flows, 'destination 100', '52:54:00:00:00:01')).toEqual([
      'destination 100 network=3 eth_dst=52:54:00:00:00:01 → peer=2, goto toPeer',
    ])
    expect(linesWith(flows, 'antiSpoof', '52:54:00:00:00:01')).toEqual([])
    expect(linesWith(flows, 'in_port=10')).toEqual([])
    expect(linesWith(text(moved.world, 2), 'destination', '52:54:00:00:00:01')[0]).toContain('outPort=30')
  })

  test('in two networks under one MAC are in the one whose address they send with', () => {
    const { world, machines, datapaths } = smallNetwork()
    const second = world.network({ ipv4_network: ip('10.1.0.0') })
    for (const [i, datapath] of datapaths.entries())
      world.relate(datapath, second, `02:00:00:00:0e:0${i + 1}`)
    world.lease(machines[0]!.macLease, second, '10.1.0.1')
    world.lease(machines[0]!.macLease, second, '10.0.0.1')
    world.activate(second.id, 1)
    world.machine(second, 2, 40, '52:54:00:00:00:40', '10.1.0.40')
    const here = linesWith(text(world, 1), 'antiSpoof', 'inInterface=4')
    expect(linesWith(here.join('\n'), 'ipv4_src=10.0.0.1')[0]).toContain('→ network=3,')
    expect(linesWith(here.join('\n'), 'ipv4_src=10.1.0.1')[0]).toContain('→ network=4,')
    expect(linesWith(here.join('\n'), '0.0.0.0')).toHaveLength(2)
    const there = linesWith(text(world, 2), 'wire', '52:54:00:00:00:01')
    expect(there.map((line) => line.split(' → ')[1]!.split(',')[0])).toEqual([
      'network=4',
      'network=4',
      'network=3',
    ])
  })

  test('without an address in the network, or with 0.0.0.0, send and answer nothing', () => {
    const { world, blue } = smallNetwork()
    world.machine(blue, 1, 50, '52:54:00:00:00:50', '0.0.0.0')
    const flows = text(world, 1)
    expect(linesWith(flows, 'arp 1', 'arp_tpa=0.0.0.0')).toEqual([])
    expect(linesWith(flows, 'antiSpoof', '52:54:00:00:00:50')).toHaveLength(2)
  })

  test('of mode internal are behind the bridge’s own port, told from the host by their MAC', () => {
    const { world } = smallNetwork()
    const inner = world.network({ mode: 'internal', ipv4_network: ip('10.9.0.0') })
    const iface = world.interface('internal', inner, '52:54:00:00:09:01', ['10.9.0.1'])
    world.plug(iface.id, 1, 0xffff_fffe)
    world.activate(inner.id, 1)
    const flows = text(world, 1)
    expect(linesWith(flows, 'classifier 110')).toEqual([
      `classifier 110 in_port=local vlan_vid=0 eth_src=52:54:00:00:09:01 → inInterface=${iface.id}, goto antiSpoof`,
    ])
    expect(linesWith(flows, 'flood 1 network=4')).toEqual([
      'flood 1 network=4 → output local, goto floodPeers',
    ])
    expect(linesWith(flows, 'destination 100 network=4')[0]).toContain('outPort=65534')
  })
})

describe('host interfaces', () => {
  test('outside of any physical network pass the host’s traffic straight through', () => {
    const world = new World()
    const datapath = world.add('datapaths', { node_id: 'a' })
    const nic = world.add('interfaces', { mode: 'host' })
    world.plug(nic.id, datapath.id, 5)
    expect(linesWith(text(world, datapath.id), 'output')).toEqual([
      'classifier 60 in_port=local vlan_vid=0 → output 5',
      'classifier 50 in_port=local → output 5',
      'wire 20 inInterface=1 vlan_vid=0 → output local',
      'wire 10 inInterface=1 → output local',
      'output 1 * → output outPort',
    ])
  })

  test('a second one in the same physical network closes no loop', () => {
    const { world, near } = smallNetwork()
    const second = world.interface('host', near, '02:00:00:00:01:02', ['172.16.0.91'])
    world.plug(second.id, 1, 2)
    const flows = text(world, 1)
    expect(linesWith(flows, `inInterface=${second.id} `, 'wire')).toEqual([
      `wire 20 inInterface=${second.id} vlan_vid=0 → output local`,
      `wire 10 inInterface=${second.id} → output local`,
    ])
    expect(linesWith(flows, 'flood 1 network=1')).toEqual([
      'flood 1 network=1 → output local, output 1, goto floodPeers',
    ])
    expect(linesWith(flows, 'eth_src=02:00:00:00:01:02')).toHaveLength(2)
  })

  test('are reachable from physical networks only', () => {
    const { world, blue, datapaths } = smallNetwork()
    const host = world.find('macLeases', { interface_id: datapaths[0].hostInterfaceId })
    world.lease({ id: host, interface_id: datapaths[0].hostInterfaceId } as never, blue, '10.0.0.77')
    expect(
      linesWith(text(world, 1), 'destination', `network=${blue.tunnel_key_id} `, '02:00:00:00:01:00'),
    ).toEqual([])
  })

  test('are two flows where the state knows no host interface, and the bridge its uplink', () => {
    const ports = [3, 4].map((port_number) => ({
      id: port_number,
      datapath_id: 1,
      port_name: `p${port_number}`,
      port_number,
      uplink: port_number === 3,
    }))
    const unknown = stateOf({ activePorts: ports })
    const { flows } = hostFlows({ feature: 'host', datapathId: 1, objectId: 1 }, unknown)
    expect(flows.map((flow) => flowText(pipeline, flow))).toEqual([
      'classifier 1 in_port=3 → output local',
      'classifier 1 in_port=local → output 3',
    ])
  })
})

test('of two DHCP services in a network one has the flow, and the other when that goes', () => {
  const { world, blue } = smallNetwork()
  const first = world.simulated(blue, '52:54:00:00:00:fe', '10.0.0.254', ['dhcp'])
  const second = world.simulated(blue, '52:54:00:00:00:fd', '10.0.0.253', ['dhcp'])
  const owners = () => {
    const all = computeAll(world.state(), 1)
    const member = (interfaceId: number) => world.find('interfaceNetworks', { interface_id: interfaceId })
    return [first, second].map(
      ({ id }) =>
        linesWith(flowsText(pipeline, madeBy(all, features.member, member(id))), 'udp_dst=67').length,
    )
  }
  expect(owners()).toEqual([1, 0])
  world.remove('networkServices', world.find('networkServices', { interface_id: first.id }))
  expect(owners()).toEqual([0, 1])
})

test('a DHCP service of an interface that is not simulated takes nothing from one that is', () => {
  const { world, blue, machines } = smallNetwork()
  world.add('networkServices', { interface_id: machines[0]!.id, mode: 'dhcp' })
  world.simulated(blue, '52:54:00:00:00:fe', '10.0.0.254', ['dhcp'])
  expect(linesWith(text(world, 1), 'goto dhcp')).toHaveLength(1)
})

test('a broadcast goes to endpoints and to promiscuous interfaces only, wherever the others are plugged in', () => {
  const { world, blue } = smallNetwork()
  const modes = ['vif', 'internal', 'patch', 'host', 'promiscuous', 'remote', 'simulated', 'edge'] as const
  for (const [i, mode] of modes.entries())
    world.plug(world.interface(mode, blue, `52:54:00:00:03:0${i}`, [`10.0.0.${30 + i}`]).id, 1, 30 + i)
  expect(linesWith(text(world, 1), 'floodPorts 1')).toEqual([
    'floodPorts 1 network=3 floodPage=0 → output 10, output 30, output 31, output 32, output 34',
  ])
})

test('a simulated interface of a physical network answers the wire from the datapath that owns it only', () => {
  const { world, near } = smallNetwork()
  const gateway = world.simulated(near, '52:54:00:00:00:fe', '172.16.0.254')
  world.add('interfacePorts', { interface_id: gateway.id, datapath_id: 1, interface_mode: 'simulated' })
  const answers = (id: number, asked: string) =>
    linesWith(text(world, id), asked, 'output in_port').map((line) => /origin=(\w+)/.exec(line)?.[1])
  for (const asked of ['arp_tpa=172.16.0.254', 'ipv4_dst=172.16.0.254 icmpv4_type=8']) {
    expect(answers(1, asked)).toEqual(['local', 'wire'])
    expect(answers(2, asked)).toEqual(['local'])
  }
})

test('nobody on the wire poses as a simulated interface of a physical network', () => {
  const { world, near } = smallNetwork()
  world.simulated(near, '52:54:00:00:00:fe', '172.16.0.254')
  for (const id of [1, 2])
    expect(linesWith(text(world, id), 'fromPhysical 100')).toEqual([
      'fromPhysical 100 network=1 arp arp_spa=172.16.0.254 → drop',
      'fromPhysical 100 network=1 eth_src=52:54:00:00:00:fe → drop',
      'fromPhysical 100 network=1 ip ipv4_src=172.16.0.254 → drop',
    ])
})
