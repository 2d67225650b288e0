/** The demo's network as API requests: two tenants with the same addresses over the lab's hypervisors. */
import type { LabPlan } from '../../lab/plan.ts'

export interface ApiRequest {
  readonly method: 'POST'
  readonly path: string
  readonly body: Readonly<Record<string, string | number | boolean>>
}

const post = (path: string, body: ApiRequest['body']): ApiRequest => ({ method: 'POST', path, body })

export const tenants = ['red', 'blue'] as const
/** A hypervisor's number is the last octet of its machines' addresses, less this. */
const firstAddress = 10
const twoDigits = (n: number) => n.toString(16).padStart(2, '0')

/** The physical networks, and each hypervisor's bridge with the interface that it has there. */
export const physicalRequests = (plan: LabPlan): ApiRequest[] => [
  ...plan.subnets.map(({ name, gateway }) =>
    post('/networks', {
      uuid: `nw-phys${name}`,
      display_name: `physical subnet ${name}`,
      mode: 'physical',
      ipv4_network: gateway.replace(/\d+$/, '0'),
      ipv4_prefix: 24,
    }),
  ),
  ...plan.hypervisors.flatMap(({ name, dpid, subnet, address, mac }) => [
    post('/datapaths', { uuid: `dp-${name}`, display_name: name, dpid: `0x${dpid}`, node_id: name }),
    post('/interfaces', {
      uuid: `if-${name}`,
      mode: 'host',
      owner_datapath_uuid: `dp-${name}`,
      port_name: 'eth0',
      network_uuid: `nw-phys${subnet}`,
      mac_address: mac,
      ipv4_address: address,
    }),
    post(`/datapaths/dp-${name}/networks/nw-phys${subnet}`, { interface_uuid: `if-${name}` }),
  ]),
]

/** A tenant's network with a DHCP service on every hypervisor, and one machine's interface on each. */
const tenantRequests = (plan: LabPlan, tenant: string, index: number): ApiRequest[] => [
  post('/networks', {
    uuid: `nw-${tenant}`,
    display_name: `tenant ${tenant}`,
    mode: 'virtual',
    ipv4_network: '10.0.0.0',
    ipv4_prefix: 24,
  }),
  ...plan.hypervisors.map(({ name }) =>
    post(`/datapaths/dp-${name}/networks/nw-${tenant}`, { interface_uuid: `if-${name}` }),
  ),
  post('/interfaces', {
    uuid: `if-${tenant}dhcp`,
    mode: 'simulated',
    network_uuid: `nw-${tenant}`,
    mac_address: `02:00:00:01:${twoDigits(index + 1)}:02`,
    ipv4_address: '10.0.0.2',
  }),
  post('/network_services', { uuid: `ns-${tenant}dhcp`, interface_uuid: `if-${tenant}dhcp`, mode: 'dhcp' }),
  ...plan.hypervisors.flatMap(({ machines }, n) =>
    machines
      .filter((machine) => machine.name.startsWith(tenant))
      .map(({ name, mac }) =>
        post('/interfaces', {
          uuid: `if-${name}`,
          mode: 'vif',
          port_name: name,
          network_uuid: `nw-${tenant}`,
          mac_address: mac,
          ipv4_address: `10.0.0.${firstAddress + n + 1}`,
        }),
      ),
  ),
]

/** Everything, in an order in which each request names only what is there. */
export const demoRequests = (plan: LabPlan): ApiRequest[] => [
  ...physicalRequests(plan),
  ...tenants.flatMap((tenant, index) => tenantRequests(plan, tenant, index)),
]
