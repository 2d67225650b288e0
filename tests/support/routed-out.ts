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

/** IPv6 beside it. */
export const ipv6Out = {
  prefix: '2001:db8:10::',
  outside: '2001:db8:10::fe',
  gateway: '2001:db8:10::1',
  server: '2001:db8:10::50',
  farAway: '2001:db8:ff::9',
  inside: '2001:db8:1::1',
  reds: { red1: '2001:db8:1::11', red2: '2001:db8:1::12', red3: '2001:db8:1::13' },
} as const

const lease = (interface_uuid: string, network_uuid: string, ipv6_address: string) =>
  post('/ip_leases', { interface_uuid, network_uuid, ipv6_address })

export const ipv6OutRoute = {
  ...{ uuid: 'r-out6', interface_uuid: 'if-out', network_uuid: 'nw-physa', route_link_uuid: 'rl-one' },
  ...{ ipv6_network: '::/0', ipv6_gateway: ipv6Out.gateway },
}

export const ipv6OutRequests = [
  { method: 'PUT', path: '/networks/nw-physa', body: { ipv6_network: `${ipv6Out.prefix}/64` } },
  { method: 'PUT', path: '/networks/nw-red', body: { ipv6_network: '2001:db8:1::/64' } },
  lease('if-out', 'nw-physa', ipv6Out.outside),
  lease('if-redgw', 'nw-red', ipv6Out.inside),
  ...reds.map((name) => lease(`if-${name}`, 'nw-red', ipv6Out.reds[name])),
  post('/routes', {
    ...{ uuid: 'r-red6', interface_uuid: 'if-redgw', network_uuid: 'nw-red' },
    ...{ route_link_uuid: 'rl-one', ipv6_network: '2001:db8:1::/64' },
  }),
  post('/routes', ipv6OutRoute),
]

/** Every machine has its IPv6 address, and ways back from outside. */
export async function startIpv6({ lab, server, onFabric }: OutNetwork): Promise<void> {
  const back = ['2001:db8:1::/64', 'via', ipv6Out.outside]
  await onFabric('sysctl', '-q', '-w', 'net.ipv6.conf.all.forwarding=1')
  await onFabric('ip', 'address', 'add', `${ipv6Out.gateway}/64`, 'dev', 'sw-a', 'nodad')
  await onFabric('ip', 'address', 'add', `${ipv6Out.farAway}/128`, 'dev', 'lo')
  await onFabric('ip', 'route', 'add', ...back)
  await server.exec('ip', 'address', 'add', `${ipv6Out.server}/64`, 'dev', 'eth0', 'nodad')
  await server.exec('ip', 'route', 'add', ...back)
  for (const name of reds) {
    const { exec } = { exec: (...command: string[]) => lab.machine(name).exec(...command) }
    await exec('ip', 'address', 'add', `${ipv6Out.reds[name]}/64`, 'dev', 'eth0', 'nodad')
    await exec('ip', '-6', 'route', 'replace', 'default', 'via', ipv6Out.inside)
  }
}
