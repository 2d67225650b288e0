import { describe, expect, test } from 'bun:test'
import { silent } from '../../../runtime/log.ts'
import { formatMac, type HandlerResult, parseEthernet } from '../../../runtime/openvnet.ts'
import { ip, mac, World } from '../../../tests/support/world.ts'
import announce from './announce.ts'

const machineMac = '52:54:00:00:00:01'
const dpidOf = (n: number) => `0x${`${n}`.padStart(16, '0')}`

/** Datapaths 1 and 2 in one physical network, 3 in another; each has its uplink at port n, and takes part in blue. */
function someNetwork() {
  const world = new World()
  const near = world.network({ mode: 'physical', ipv4_network: ip('172.16.0.0') })
  const far = world.network({ mode: 'physical', ipv4_network: ip('172.17.0.0') })
  const blue = world.network()
  const [one, two, three] = [near, near, far].map((physical, i) => {
    const n = i + 1
    const datapath = world.hypervisor(
      physical,
      `${i < 2 ? '172.16' : '172.17'}.0.${n}`,
      `02:00:00:00:01:0${n}`,
      n,
    )
    world.update('datapaths', datapath.id, { dpid: dpidOf(n) })
    return datapath
  })
  return { world, near, far, blue, datapaths: [one!, two!, three!] as const }
}

/** The ports of datapath `n` that the MAC is announced at. */
function announcedAt(world: World, n: number, interfaceId: number, address = machineMac): unknown[] {
  const event = { type: 'mac-activated', dpid: dpidOf(n), interfaceId, macAddress: mac(address) } as const
  const env = { state: world.state(), now: 0, random: () => 0, log: silent }
  const effects = announce.handle(event, env as never) as HandlerResult
  return [effects ?? []].flat().map((effect) => {
    if (effect.type !== 'packet-out' || effect.frame === null) throw new Error(effect.type)
    const ethernet = parseEthernet(new DataView(effect.frame.buffer))!
    expect(ethernet.type).toBe(0x8035)
    expect([ethernet.source, ethernet.destination].map(formatMac)).toEqual([address, 'ff:ff:ff:ff:ff:ff'])
    return effect.port
  })
}

describe('a machine in a virtual network', () => {
  test('is announced where another datapath can be reached as it is', () => {
    const { world, blue, datapaths } = someNetwork()
    for (const [i, datapath] of datapaths.entries()) world.relate(datapath, blue, `02:00:00:00:0d:0${i}`)
    const { id } = world.machine(blue, datapaths[1].id, 20, machineMac, '10.0.0.1')
    expect(announcedAt(world, 2, id)).toEqual([2])
  })

  test('is not, where every other datapath is behind a tunnel, or there is none', () => {
    const { world, blue, datapaths } = someNetwork()
    world.relate(datapaths[0], blue, '02:00:00:00:0d:00')
    const { id } = world.machine(blue, datapaths[0].id, 20, machineMac, '10.0.0.1')
    expect(announcedAt(world, 1, id)).toEqual([])
    world.relate(datapaths[2], blue, '02:00:00:00:0d:02')
    expect(announcedAt(world, 1, id)).toEqual([])
    world.relate(datapaths[1], blue, '02:00:00:00:0d:01')
    expect(announcedAt(world, 1, id)).toEqual([1])
  })
})

test('a machine in a physical network is announced on what carries it, without any relation', () => {
  const { world, far, datapaths } = someNetwork()
  const { id } = world.machine(far, datapaths[2].id, 20, machineMac, '172.17.0.50')
  expect(announcedAt(world, 3, id)).toEqual([3])
})

test('a machine in an internal network is not', () => {
  const { world, datapaths } = someNetwork()
  const internal = world.network({ mode: 'internal' })
  world.relate(datapaths[0], internal, '02:00:00:00:0d:00')
  world.relate(datapaths[1], internal, '02:00:00:00:0d:01')
  const { id } = world.machine(internal, datapaths[0].id, 20, machineMac, '10.0.0.1')
  expect(announcedAt(world, 1, id)).toEqual([])
})

test('each MAC is announced where its own networks are', () => {
  const { world, near, blue, datapaths } = someNetwork()
  const iface = world.machine(near, datapaths[0].id, 20, machineMac, '172.16.0.50')
  const second = world.add('macLeases', { interface_id: iface.id, mac_address: mac('52:54:00:00:00:02') })
  world.lease(second, blue, '10.0.0.2')
  expect(announcedAt(world, 1, iface.id)).toEqual([1])
  expect(announcedAt(world, 1, iface.id, '52:54:00:00:00:02')).toEqual([])
})

test('what has gone on since, and what is no endpoint, is not announced', () => {
  const { world, near, datapaths } = someNetwork()
  const iface = world.machine(near, datapaths[0].id, 20, machineMac, '172.16.0.50')
  expect(announcedAt(world, 2, iface.id)).toEqual([])
  expect(announcedAt(world, 9, iface.id)).toEqual([])
  expect(announcedAt(world, 1, 99)).toEqual([])
  expect(announcedAt(world, 1, iface.id, '52:54:00:00:00:99')).toEqual([])
  expect(announcedAt(world, 1, datapaths[0].hostInterfaceId, '02:00:00:00:01:01')).toEqual([])
})

test('a machine in very many physical networks is announced in some', () => {
  const { world, datapaths } = someNetwork()
  const machine = world.add('interfaces', { mode: 'vif' })
  const lease = world.add('macLeases', { interface_id: machine.id, mac_address: mac(machineMac) })
  world.plug(machine.id, datapaths[0].id, 200)
  for (let n = 0; n < 40; n++) {
    const physical = world.network({ mode: 'physical' })
    const host = world.interface('host', physical, 0x0200_0000_0a00 + n, ['10.0.0.1'])
    world.plug(host.id, datapaths[0].id, 50 + n)
    world.lease(lease, physical, '10.0.0.9')
  }
  expect(announcedAt(world, 1, machine.id)).toHaveLength(16)
})
