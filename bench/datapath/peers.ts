/** Ours, and plain Open vSwitch, which floods and learns. */
import { startLab } from '../../cli/lab/lab.ts'
import { physicalRequests } from '../../cli/vnet/demo/network.ts'
import { startNetwork } from '../../tests/support/network.ts'
import { networkRequests, routerRequests } from '../../tests/support/requests.ts'
import { isRouted, networks, type Peer, plan, routed } from './plan.ts'

const ethernetMtu = 1_500
const greMtu = 1_458
const isInTunnels = (machine: string) => machine === 'm4' || machine === 's4' || machine.startsWith('r')
const mtuOf = (machine: string) => (isInTunnels(machine) ? greMtu : ethernetMtu)

const guarded = plan.hypervisors.flatMap(({ machines }) =>
  machines.filter(({ name }) => name.startsWith('s')).map(({ name }) => name),
)

/** Members of a group hear each other, and nobody else. */
const groupRequests = [
  { method: 'POST', path: '/security_groups', body: { uuid: 'sg-s', display_name: 's' } },
  ...guarded.flatMap((name) => [
    { method: 'PUT', path: `/interfaces/if-${name}`, body: { ingress_filtering_enabled: true } },
    { method: 'POST', path: `/security_groups/sg-s/interfaces/if-${name}`, body: {} },
  ]),
]

export async function startOurs(): Promise<Peer> {
  const network = await startNetwork(plan, [
    ...physicalRequests(plan),
    ...networks.flatMap((one) => networkRequests(plan, one)),
    ...routerRequests('all', routed),
    ...groupRequests,
  ])
  const { lab } = network
  return { name: 'ours', lab, bridge: 'br0', reaches: () => true, mtuOf, stop: () => network.stop() }
}

/** It knows no way to another physical network, none between networks, and guards nobody. */
export async function startPlain(): Promise<Peer> {
  const lab = await startLab(plan)
  for (const { openVswitch } of lab.hypervisors) await openVswitch.ofctl('add-flow', 'br0', 'actions=NORMAL')
  const { length: inSubnet } = plan.hypervisors.filter(({ subnet }) => subnet === 'a')
  const near = plan.hypervisors.slice(0, inSubnet).flatMap(({ machines }) => machines.map(({ name }) => name))
  return {
    ...{ name: 'plain Open vSwitch', lab, bridge: 'br0', mtuOf },
    reaches: (path) => !isRouted(path) && path.from.startsWith('m') && near.includes(path.to),
    stop: () => lab.stop(),
  }
}
