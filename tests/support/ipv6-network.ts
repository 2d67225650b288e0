/** Two tenants with the same IPv6 addresses: red on all hypervisors, twice on the first; blue on two of them. */
import { physicalRequests } from '../../cli/vnet/demo/network.ts'
import { planOf } from '../lab/flows/plan.ts'
import type { Network } from './network.ts'
import { eventually } from './open-vswitch.ts'
import { networkRequests } from './requests.ts'

export const ipv6Plan = planOf({
  node1: ['red1', 'red4', 'blue1'],
  node2: ['red2', 'blue2'],
  node3: ['red3'],
})
export const prefix = '2001:db8:1:'
const colours = [
  { name: 'red', number: 1, subnet: '10.1.0' },
  { name: 'blue', number: 2, subnet: '10.1.0' },
]
const macs = new Map(
  ipv6Plan.hypervisors.flatMap(({ machines }) => machines.map(({ name, mac }) => [name, mac])),
)
export const macOf = (name: string) => macs.get(name)!

/** The last 64 bits that a machine makes of its MAC, as Linux writes them. */
export function identifierOf(mac: string): string {
  const [a = 0, b, c, d, e, f] = mac.split(':').map((octet) => Number.parseInt(octet, 16))
  const words = [((a ^ 2) << 8) | b!, (c! << 8) | 0xff, 0xfe00 | d!, (e! << 8) | f!]
  return words.map((word) => word.toString(16)).join(':')
}
export const linkLocal = (name: string) => `fe80::${identifierOf(macOf(name))}`

/** The first machine of red makes its address by itself, the others ask for theirs. */
export const addresses = {
  red1: `${prefix}0:${identifierOf(macOf('red1'))}`,
  red2: `${prefix}:12`,
  red3: `${prefix}:13`,
  red4: `${prefix}:14`,
  blue1: `${prefix}:11`,
  blue2: `${prefix}:12`,
} as const
export type Name = keyof typeof addresses
export const names = Object.keys(addresses) as Name[]

export const server = { mac: '02:00:00:01:01:02', address: `${prefix}:2`, linkLocal: 'fe80::ff:fe01:102' }

const withIpv6 = ({ path, body, ...request }: ReturnType<typeof networkRequests>[number]) => {
  const uuid = String(body['uuid'] ?? '')
  const name = uuid.slice(3)
  const added = path === '/networks' ? { ipv6_network: `${prefix}:/64` } : {}
  const address =
    name in addresses ? addresses[name as Name] : name.endsWith('dhcp') ? server.address : undefined
  const leased = path === '/interfaces' && address !== undefined ? { ipv6_address: address } : {}
  return { ...request, path, body: { ...body, ...added, ...leased } }
}

export const ipv6Requests = [
  ...physicalRequests(ipv6Plan),
  ...colours.flatMap((one) => networkRequests(ipv6Plan, one)).map(withIpv6),
  {
    method: 'POST',
    path: '/network_services',
    body: { uuid: 'ns-reddns', interface_uuid: 'if-reddhcp', mode: 'dns' },
  },
]

/** Takes the machine's link down and up: it makes its addresses anew, and asks for routers at once. */
export async function restartIpv6(network: Network, name: string): Promise<void> {
  const machine = network.lab.machine(name)
  await machine.exec('sysctl', '-q', '-w', 'net.ipv6.conf.eth0.router_solicitation_delay=0')
  await machine.exec('ip', 'link', 'set', 'eth0', 'down')
  await machine.exec('ip', 'link', 'set', 'eth0', 'up')
}

const shown = (network: Network, name: string) =>
  network.lab.machine(name).exec('ip', '-6', 'address', 'show', 'dev', 'eth0')

/** Waits until a machine may use an address: nobody else has it. */
export const usable = (network: Network, name: string, address: string) =>
  eventually(`${name} to use ${address}`, async () => {
    const line = (await shown(network, name)).split('\n').find((text) => text.includes(` ${address}/`))
    return line !== undefined && !line.includes('tentative')
  })
