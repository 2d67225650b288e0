import { expect, test } from 'bun:test'
import { flowText } from '../../../runtime/pipeline/text.ts'
import { computeAll, madeBy, World } from '../../../tests/support/world.ts'
import { pipeline, puntPoints } from '../pipeline.ts'

function worldOf(services: readonly ('dhcp' | 'dns')[]) {
  const world = new World()
  const red = world.network()
  const blue = world.network()
  world.add('datapaths', {})
  const machine = world.machine(red, 1, 10, '52:54:00:00:00:01', '10.0.0.11')
  const stranger = world.machine(blue, 1, 11, '52:54:00:00:00:02', '10.0.0.11')
  const server = world.simulated(red, '52:54:00:00:00:fe', '10.0.0.2', services)
  return { world, red, machine, stranger, server }
}
const all = (world: World) => computeAll(world.state(), 1)
const punts = (world: World) =>
  all(world).flows.filter(({ cookie }) => cookie >> 48n === BigInt(puntPoints.dns.code))
const asking = (world: World) =>
  all(world)
    .flows.filter(({ table }) => table === pipeline.tables.service.id)
    .map((flow) => flowText(pipeline, flow))
    .filter((text) => text.includes('goto dns'))

test('machines of a network with a DNS server may ask it, at a rate of their own', () => {
  const { world, machine } = worldOf(['dns'])
  expect(asking(world)).toHaveLength(2)
  for (const [at, protocol] of ['udp', 'tcp'].entries())
    expect(asking(world)[at]).toMatch(
      new RegExp(`eth_dst=52:54:00:00:00:fe.*ipv4_dst=10\\.0\\.0\\.2.*${protocol}_dst=53`),
    )
  expect(madeBy(all(world), puntPoints.dns, machine.id)).toHaveLength(1)
  expect(punts(world)).toHaveLength(1)
  const meters = all(world).meters.map(({ meter_id }) => meter_id)
  expect(meters).toEqual([0xffff, 0x2_ffff, 10, 0x2_000a, 11])
  expect(new Set(meters).size).toBe(meters.length)
})

test('without a server nobody may', () => {
  const { world } = worldOf(['dhcp'])
  expect([asking(world), punts(world)]).toEqual([[], []])
})

test('several services of a server are one to its clients', () => {
  const { world } = worldOf(['dns', 'dns'])
  expect(asking(world)).toHaveLength(2)
})
