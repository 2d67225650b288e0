import { expect, test } from 'bun:test'
import { flowsText } from '../../runtime/pipeline/text.ts'
import { computeAll, ip, World } from '../../tests/support/world.ts'
import { pipeline } from './pipeline.ts'

/** Two datapaths in one physical network and one in another, and a virtual network with a machine on each. */
function smallNetwork(values: object = {}) {
  const world = new World()
  const near = world.network({ mode: 'physical', ipv4_network: ip('172.16.0.0') })
  const far = world.network({ mode: 'physical', ipv4_network: ip('172.17.0.0') })
  const blue = world.network({ ipv4_network: ip('10.0.0.0'), ...values })
  const datapaths = [
    world.hypervisor(near, '172.16.0.1', '02:00:00:00:01:00', 1),
    world.hypervisor(near, '172.16.0.2', '02:00:00:00:02:00', 1),
    world.hypervisor(far, '172.17.0.3', '02:00:00:00:03:00', 1),
  ]
  const machines = datapaths.map((datapath, i) => {
    world.relate(datapath, blue, `02:00:00:00:0d:0${i + 1}`)
    world.port(datapath.id, 't-gre', 9)
    return world.machine(blue, datapath.id, 10 + i, `02:00:00:00:00:0${i + 1}`, `10.0.0.${i + 1}`)
  })
  return { world, near, far, blue, datapaths, machines }
}

test('golden', () => {
  const { world, blue } = smallNetwork()
  world.simulated(blue, '02:00:00:00:00:fe', '10.0.0.254', ['dhcp'])
  const all = computeAll(world.state(), 1)
  console.log(flowsText(pipeline, all.flows))
  console.log(all.tunnelPorts, all.meters)
  expect(all.flows.length).toBeGreaterThan(0)
})
