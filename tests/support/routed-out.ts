/**
 * A tenant on three hypervisors whose router leads out into a physical subnet and beyond, a tenant without a way out, and
 * machines out there. Nodes 1 and 2 are on that subnet, node 3 is not.
 */
import { physicalRequests } from '../../cli/vnet/demo/network.ts'
import { planOf } from '../lab/flows/plan.ts'
import { type Network, startNetwork } from './network.ts'
import { runCommand } from './open-vswitch.ts'
import { type PhysicalMachine, startPhysicalMachine } from './physical-machine.ts'
import { type NetworkPlan, networkRequests, routerRequests } from './requests.ts'

export const red: NetworkPlan = { name: 'red', number: 1, subnet: '10.1.0' }
export const blue: NetworkPlan = { name: 'blue', number: 2, subnet: '10.1.0' }

/** Of the router on the physical subnet. */
export const outside = { address: '192.168.10.254', mac: '02:00:00:01:10:fe' } as const
/** A host of the internet: only the physical subnet's own gateway leads there. */
export const farAway = '203.0.113.9'
export const serverAddress = '192.168.10.50'

export const outPlan = planOf({ node1: ['red1', 'blue1'], node2: ['red2'], node3: ['red3'] })
export const redAddress = { red1: '10.1.0.11', red2: '10.1.0.12', red3: '10.1.0.13' } as const
export type Red = keyof typeof redAddress
export const reds = Object.keys(redAddress) as Red[]

const post = (path: string, body: Readonly<Record<string, string | number | boolean>>) =>
  ({ method: 'POST', path, body }) as const

/** A router interface on the physical subnet, and a route to everywhere by it. */
export const wayOutRequests = (
  routeLink: string,
  interface_uuid: string,
  uuid: string,
  { address, mac }: { readonly address: string; readonly mac: string },
) => [
  post('/interfaces', {
    uuid: interface_uuid,
    mode: 'simulated',
    enable_routing: true,
    network_uuid: 'nw-physa',
    mac_address: mac,
    ipv4_address: address,
  }),
  post('/routes', {
    ...{ uuid, interface_uuid, network_uuid: 'nw-physa' },
    ...{ route_link_uuid: `rl-${routeLink}`, ipv4_network: '0.0.0.0/0' },
  }),
]

export interface OutNetwork extends Network {
  readonly server: PhysicalMachine
  /** In the namespace of the physical switches, which is the gateway of the subnet. */
  onFabric(...command: string[]): Promise<string>
}

/** Started, every machine with its address by DHCP, and with ways back from outside. */
export async function startOutNetwork(more: readonly unknown[] = []): Promise<OutNetwork> {
  const network = await startNetwork(outPlan, [
    ...physicalRequests(outPlan),
    ...[red, blue].flatMap((one) => networkRequests(outPlan, one)),
    ...routerRequests('one', [red]),
    ...wayOutRequests('one', 'if-out', 'r-out', outside),
    ...more,
  ])
  const { lab } = network
  const onFabric = (...command: string[]) => runCommand(['ip', 'netns', 'exec', lab.fabric, ...command])
  let server: PhysicalMachine | undefined
  const stop = async () => {
    await server?.stop()
    await network.stop()
  }
  try {
    server = await startPhysicalMachine(lab, 'server', 'a', serverAddress, '52:54:00:99:00:50')
    await server.exec('ip', 'route', 'add', '10.1.0.0/24', 'via', outside.address)
    await onFabric('ip', 'route', 'add', '10.1.0.0/24', 'via', outside.address)
    await onFabric('ip', 'address', 'add', `${farAway}/32`, 'dev', 'lo')
    await Promise.all(lab.machines.map((machine) => machine.dhcp()))
    return { ...network, server, onFabric, stop }
  } catch (error) {
    await stop()
    throw error
  }
}
