/**
 * Two tenants with two networks each, the same addresses on both sides, and a router each: red and green, blue and cyan.
 * Red and blue are on node 1 only: the other hypervisors have them by routing alone.
 */
import { physicalRequests } from '../../cli/vnet/demo/network.ts'
import { planOf } from '../lab/flows/plan.ts'
import { type Network, startNetwork } from './network.ts'
import { type NetworkPlan, networkRequests, routerRequests } from './requests.ts'

export const red: NetworkPlan = { name: 'red', number: 1, subnet: '10.1.0' }
export const green: NetworkPlan = { name: 'green', number: 2, subnet: '10.2.0', encapsulation: 'vxlan' }
export const blue: NetworkPlan = { name: 'blue', number: 3, subnet: '10.1.0' }
export const cyan: NetworkPlan = { name: 'cyan', number: 4, subnet: '10.2.0' }
export const colours = [red, green, blue, cyan]

export const addresses = {
  red1: '10.1.0.11',
  green1: '10.2.0.11',
  green2: '10.2.0.12',
  green3: '10.2.0.13',
  blue1: '10.1.0.11',
  cyan2: '10.2.0.11',
  cyan3: '10.2.0.12',
} as const
export type Name = keyof typeof addresses
export const names = Object.keys(addresses) as Name[]

export const routedPlan = planOf({
  node1: ['red1', 'green1', 'blue1'],
  node2: ['green2', 'cyan2'],
  node3: ['green3', 'cyan3'],
})
export const routedRequests = [
  ...physicalRequests(routedPlan),
  ...colours.flatMap((one) => networkRequests(routedPlan, one)),
  ...routerRequests('one', [red, green]),
  ...routerRequests('two', [blue, cyan]),
]

/** Started, and every machine with its address by DHCP. */
export async function startRoutedNetwork(): Promise<Network> {
  const network = await startNetwork(routedPlan, routedRequests)
  try {
    await Promise.all(names.map((name) => network.lab.machine(name).dhcp()))
    return network
  } catch (error) {
    await network.stop()
    throw error
  }
}

/** What ping prints of one echo request. */
export const pingText = (network: Network, from: Name, ...options: string[]) =>
  network.lab
    .machine(from)
    .exec('ping', '-n', '-c', '1', '-W', '2', ...options)
    .catch((error: Error) => error.message)
