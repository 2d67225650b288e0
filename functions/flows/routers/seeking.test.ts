/** Machines that the state does not know cost routers some flows of their network, and no others anything. */
import { expect, test } from 'bun:test'
import { computeAll, ip, madeBy, World } from '../../../tests/support/world.ts'
import { features } from '../pipeline.ts'

/** Red on the first of two datapaths, where a port may have strangers behind it; green, which is routed to it, on both. */
function worldWith({ strangers, machines }: { readonly strangers: boolean; readonly machines: number }) {
  const world = new World()
  const physical = world.network({ mode: 'physical', ipv4_network: ip('172.16.0.0') })
  const red = world.network({ ipv4_network: ip('10.1.0.0') })
  const green = world.network({ ipv4_network: ip('10.2.0.0') })
  const datapaths = [1, 2].map((n) => world.hypervisor(physical, `172.16.0.${n}`, `02:00:00:00:0${n}:00`, 1))
  for (const [i, datapath] of datapaths.entries()) {
    world.relate(datapath, red, `02:00:00:00:0d:1${i}`)
    world.relate(datapath, green, `02:00:00:00:0d:2${i}`)
    world.port(datapath.id, 't-gre', 8)
    world.machine(green, datapath.id, 20, `52:54:00:00:02:0${i}`, `10.2.0.1${i}`)
  }
  for (let n = 0; n < machines; n++)
    world.machine(red, datapaths[0]!.id, 30 + n, `52:54:00:00:01:0${n}`, `10.1.0.1${n}`)
  const link = world.routeLink()
  world.route(link, world.routerIn(red, '52:54:00:00:01:fe', '10.1.0.1'), red, '10.1.0.0/24')
  world.route(link, world.routerIn(green, '52:54:00:00:02:fe', '10.2.0.1'), green, '10.2.0.0/24')
  if (strangers) {
    const port = world.add('interfaces', { mode: 'promiscuous' })
    world.add('interfaceNetworks', {
      interface_id: port.id,
      network_id: red.id,
      interface_mode: 'promiscuous',
      static: true,
    })
    world.plug(port.id, datapaths[0]!.id, 50)
  }
  return datapaths.map(({ id }) => madeBy(computeAll(world.state(), id), features.seeking, red.id).length)
}

test('a network without them has none of it', () => {
  expect(worldWith({ strangers: false, machines: 3 })).toEqual([0, 0])
})

test('with them it is so many where they are asked for, and fewer elsewhere, whatever the machines', () => {
  const few = worldWith({ strangers: true, machines: 1 })
  expect(few.every((count) => count > 0 && count <= 8)).toBe(true)
  expect(worldWith({ strangers: true, machines: 9 })).toEqual(few)
})
