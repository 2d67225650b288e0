/**
 * Many things happen in any order; when they end, everybody reaches their own and nobody else, and the oracle agrees.
 * Another order with another seed: `VNET_SEED=7 bun test tests/chaos/random.lab.test.ts`; a failure names its seed.
 */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import type { Machine } from '../../cli/lab/machine.ts'
import { ipBatch } from '../../cli/lab/namespaces.ts'
import { broadcast, datagram } from '../support/frames.ts'
import { type Marked, nowhere, whereTheyArrive } from '../support/marked.ts'
import { type Network, startNetwork } from '../support/network.ts'
import { plug, unplug } from '../support/plugging.ts'
import { restartSwitch } from '../support/power.ts'
import { reaches } from '../support/reach.ts'

const rounds = 2
const stepsPerRound = 10
const seed = Number(process.env['VNET_SEED'] ?? Math.floor(Math.random() * 1e9))

/** mulberry32: small, and the same everywhere. */
function randomOf(start: number) {
  let state = start
  return (below: number) => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) % below
  }
}

let network: Network
const random = randomOf(seed)
const pick = <T>(list: readonly T[]): T => list[random(list.length)]!
const nodes = ['node1', 'node2', 'node3']
/** Where each machine's cable ends, and whether it is plugged in. */
const places = new Map<Machine, { node: string; plugged: boolean }>()
const told: string[] = []

async function unplugged(machine: Machine) {
  const place = places.get(machine)!
  if (place.plugged) await unplug(network.lab.hypervisor(place.node), machine)
  place.plugged = false
}
async function plugged(machine: Machine) {
  const place = places.get(machine)!
  if (!place.plugged) await plug(network.lab.hypervisor(place.node), machine)
  place.plugged = true
}

const api = (method: string, path: string, body?: unknown) => network.host.api(method, path, body)
const tenantOf = ({ name }: Machine) => name.slice(0, -1)

const steps: Record<string, (machine: Machine, node: string) => Promise<unknown>> = {
  unplug: (machine) => unplugged(machine),
  plug: (machine) => plugged(machine),
  flap: async (machine) => {
    await unplugged(machine)
    await plugged(machine)
  },
  move: async (machine, node) => {
    await unplugged(machine)
    const from = network.lab.hypervisor(places.get(machine)!.node).openVswitch.netns
    const to = network.lab.hypervisor(node).openVswitch.netns
    if (from !== to) await ipBatch(from, [`link set ${machine.name} netns ${to}`])
    await ipBatch(to, [`link set ${machine.name} up`])
    places.set(machine, { node, plugged: false })
    await plugged(machine)
  },
  'interface made again': async (machine) => {
    await api('DELETE', `/interfaces/if-${machine.name}`)
    await api('POST', '/interfaces', {
      uuid: `if-${machine.name}`,
      mode: 'vif',
      port_name: machine.name,
      network_uuid: `nw-${tenantOf(machine)}`,
      mac_address: machine.mac,
      ipv4_address: `10.0.0.${20 + random(200)}`,
    }).catch(() =>
      // The address is another's.
      api('POST', '/interfaces', {
        uuid: `if-${machine.name}`,
        mode: 'vif',
        port_name: machine.name,
        network_uuid: `nw-${tenantOf(machine)}`,
        mac_address: machine.mac,
        ipv4_address: `10.0.0.${240 + [...places.keys()].indexOf(machine)}`,
      }),
    )
  },
  'network taken off and put back': async (machine, node) => {
    const path = `/datapaths/dp-${node}/networks/nw-${tenantOf(machine)}`
    await api('DELETE', path)
    await api('POST', path, { interface_uuid: `if-${node}` })
  },
  'host killed': async () => {
    await network.host.kill9()
    await network.host.start()
  },
  'host stopped, and flows gone meanwhile': async (_, node) => {
    await network.host.stop()
    await network.lab.hypervisor(node).openVswitch.ofctl('del-flows', 'br0')
    await network.host.start()
  },
  'foreign flows while the host is away': async (_, node) => {
    await network.host.kill9()
    await network.lab
      .hypervisor(node)
      .openVswitch.ofctl('add-flow', 'br0', 'table=0,priority=9999,ip,actions=NORMAL')
    await network.host.start()
  },
  'switch restarted': (_, node) => restartSwitch(network.lab, network.lab.hypervisor(node)),
  'switch process restarted': (_, node) =>
    restartSwitch(network.lab, network.lab.hypervisor(node), { withOvsdb: false }),
  'OVSDB restarted': async (_, node) => {
    const { openVswitch } = network.lab.hypervisor(node)
    await openVswitch.killOvsdb()
    await openVswitch.startOvsdb()
  },
  'port gone while the host is away': async (machine) => {
    await network.host.kill9()
    await unplugged(machine)
    await network.host.start()
  },
  'tunnel port taken away': async (_, node) => {
    await network.lab.hypervisor(node).openVswitch.vsctl('--if-exists', 'del-port', 'br0', 't-gre')
  },
  'cable flaps': async (_, node) => {
    await ipBatch(network.lab.fabric, [`link set ${node} down`, `link set ${node} up`])
  },
}

beforeAll(async () => {
  network = await startNetwork()
  for (const machine of network.lab.machines) places.set(machine, { node: machine.hypervisor, plugged: true })
}, 30_000)
afterAll(() => network?.stop())

/** Everybody has an address, and what each sends to everybody arrives at those of its own tenant, once, and nowhere else. */
async function expectOrder(): Promise<void> {
  const machines = [...places.keys()]
  for (const machine of machines) await plugged(machine)
  const addresses = new Map(
    await Promise.all(machines.map(async (machine) => [machine, (await machine.dhcp()).address] as const)),
  )
  const others = (machine: Machine) =>
    machines.filter((other) => other !== machine && tenantOf(other) === tenantOf(machine))
  // The first packets of a tunnel are lost while Open vSwitch looks for the next hop.
  await Promise.all(
    machines.flatMap((machine) => others(machine).map((other) => reaches(machine, addresses.get(other)!))),
  )
  for (const machine of machines) {
    const frame =
      (destination: string): Marked =>
      (mark) =>
        datagram([destination, machine.mac], addresses.get(machine)!, '10.0.0.255', [7777, 7777], mark)
    const frames = Object.fromEntries([
      ...machines.filter((other) => other !== machine).map(({ name, mac }) => [name, frame(mac)]),
      ['everybody', frame(broadcast)],
    ])
    const own = others(machine)
      .map(({ name }) => name)
      .sort()
    const wanted = {
      ...nowhere(frames),
      everybody: own,
      ...Object.fromEntries(own.map((name) => [name, [name]])),
    }
    const seen = await whereTheyArrive(machine, machines, frames)
    seen['everybody']!.sort()
    expect({ from: machine.name, seen }).toEqual({ from: machine.name, seen: wanted })
  }
}

test.each(Array.from({ length: rounds }, (_, n) => n + 1))(
  `after much has happened, all is as it should be (seed ${seed}, round %d)`,
  async () => {
    for (let n = 0; n < stepsPerRound; n++) {
      const [machine, node] = [pick([...places.keys()]), pick(nodes)]
      const name = pick(Object.keys(steps))
      told.push(`${name} (${machine.name}, ${node})`)
      try {
        await steps[name]!(machine, node)
      } catch (error) {
        throw new Error(`${told.join('; ')}: ${error}`)
      }
    }
    try {
      await expectOrder()
      await network.check()
    } catch (error) {
      throw new Error(`${told.join('; ')}: ${error}`)
    }
  },
  120_000,
)
