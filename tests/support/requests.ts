/** Networks of a lab as API requests, other than the demo's. */
import type { LabPlan } from '../../cli/lab/plan.ts'
import type { ApiRequest } from '../../cli/vnet/demo/network.ts'

export interface NetworkPlan {
  /** `nw-<name>`; its machines are the plan's whose names begin so. */
  readonly name: string
  readonly encapsulation?: 'gre' | 'vxlan' | 'geneve'
  /** Octets that are the network's own in MAC addresses. */
  readonly number: number
  /** The first three octets of its addresses; 10.0.0 where nothing is said. */
  readonly subnet?: string
}

const post = (path: string, body: ApiRequest['body']): ApiRequest => ({ method: 'POST', path, body })
const hex = (n: number) => n.toString(16).padStart(2, '0')

/** A /24 on every hypervisor, a DHCP service at .2, and machines from .11 in the plan's order. */
export function networkRequests(plan: LabPlan, network: NetworkPlan): ApiRequest[] {
  const { name, encapsulation, number, subnet = '10.0.0' } = network
  const machines = plan.hypervisors.flatMap((one) =>
    one.machines.filter((machine) => machine.name.startsWith(name)),
  )
  return [
    post('/networks', {
      uuid: `nw-${name}`,
      mode: 'virtual',
      ipv4_network: `${subnet}.0`,
      ipv4_prefix: 24,
      ...(encapsulation && { encapsulation }),
    }),
    ...plan.hypervisors.map((hypervisor, n) =>
      post(`/datapaths/dp-${hypervisor.name}/networks/nw-${name}`, {
        interface_uuid: `if-${hypervisor.name}`,
        mac_address: `02:00:00:0d:${hex(number)}:${hex(n + 1)}`,
      }),
    ),
    post('/interfaces', {
      uuid: `if-${name}dhcp`,
      mode: 'simulated',
      network_uuid: `nw-${name}`,
      mac_address: `02:00:00:01:${hex(number)}:02`,
      ipv4_address: `${subnet}.2`,
    }),
    post('/network_services', { uuid: `ns-${name}dhcp`, interface_uuid: `if-${name}dhcp`, mode: 'dhcp' }),
    ...machines.map((machine, n) =>
      post('/interfaces', {
        uuid: `if-${machine.name}`,
        mode: 'vif',
        port_name: machine.name,
        network_uuid: `nw-${name}`,
        mac_address: machine.mac,
        ipv4_address: `${subnet}.${11 + n}`,
      }),
    ),
  ]
}

/** The MAC address of a network's router interface. */
export const routerMac = (number: number) => `02:00:00:01:${hex(number)}:01`

/** A router interface at .1 of each network, and a route link that joins them: `rl-<name>`, `r-<network>`. */
export const routerRequests = (name: string, networks: readonly NetworkPlan[]): ApiRequest[] => [
  post('/route_links', { uuid: `rl-${name}` }),
  ...networks.flatMap((network) => [
    post('/interfaces', {
      uuid: `if-${network.name}gw`,
      mode: 'simulated',
      enable_routing: true,
      network_uuid: `nw-${network.name}`,
      mac_address: routerMac(network.number),
      ipv4_address: `${network.subnet ?? '10.0.0'}.1`,
    }),
    routeRequest(name, network),
  ]),
]

/** The route of a network's router interface. */
export const routeRequest = (name: string, { name: network, subnet = '10.0.0' }: NetworkPlan): ApiRequest =>
  post('/routes', {
    uuid: `r-${network}`,
    interface_uuid: `if-${network}gw`,
    network_uuid: `nw-${network}`,
    route_link_uuid: `rl-${name}`,
    ipv4_network: `${subnet}.0`,
    ipv4_prefix: 24,
  })

/** A segment on every hypervisor; its machines are the plan's whose names begin so, those ending in `x` promiscuous. */
export function segmentRequests(
  plan: LabPlan,
  { name, number }: Pick<NetworkPlan, 'name' | 'number'>,
): ApiRequest[] {
  const machines = plan.hypervisors.flatMap((hypervisor) =>
    hypervisor.machines.filter((machine) => machine.name.startsWith(name)),
  )
  return [
    post('/segments', { uuid: `seg-${name}`, mode: 'virtual' }),
    ...plan.hypervisors.map((hypervisor, n) =>
      post(`/datapaths/dp-${hypervisor.name}/segments/seg-${name}`, {
        interface_uuid: `if-${hypervisor.name}`,
        mac_address: `02:00:00:0e:${hex(number)}:${hex(n + 1)}`,
      }),
    ),
    ...machines.map((machine) =>
      post('/interfaces', {
        uuid: `if-${machine.name}`,
        port_name: machine.name,
        segment_uuid: `seg-${name}`,
        ...(machine.name.endsWith('x') ? { mode: 'promiscuous' } : { mode: 'vif', mac_address: machine.mac }),
      }),
    ),
  ]
}

/** A port to a legacy switch, with a VLAN of each network: `if-<port>`, `tr-<port>`, `vt-<port>x<vlan>`. */
export const trunkRequests = (
  hypervisor: string,
  port: string,
  vlans: Readonly<Record<number, string>>,
): ApiRequest[] => [
  post('/interfaces', {
    uuid: `if-${port}`,
    mode: 'edge',
    owner_datapath_uuid: `dp-${hypervisor}`,
    port_name: port,
  }),
  post('/translations', { uuid: `tr-${port}`, interface_uuid: `if-${port}`, mode: 'vnet_edge' }),
  ...Object.entries(vlans).map(([vlan, network]) =>
    post('/vlan_translations', {
      uuid: `vt-${port}x${vlan}`,
      translation_uuid: `tr-${port}`,
      network_uuid: `nw-${network}`,
      vlan_id: Number(vlan),
    }),
  ),
]
