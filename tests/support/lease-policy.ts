/** A lab's network whose machines have no addresses, and a lease policy that gives them some when they ask by DHCP. */
import { demoPlan } from '../../cli/lab/plan.ts'
import { type ApiRequest, physicalRequests } from '../../cli/vnet/demo/network.ts'

const machines = ['red1', 'red2', 'red3'] as const

const post = (path: string, body: ApiRequest['body'] = {}): ApiRequest => ({ method: 'POST', path, body })
const macOf = (name: string) =>
  demoPlan.hypervisors.flatMap((one) => one.machines).find((one) => one.name === name)!.mac

/** `lp-a` gives addresses of `nw-red`, 10.0.0.0/24, for an hour and an hour of grace; its leases are in `ilc-a`. */
export const leasePolicyRequests = (firstAddress: string, lastAddress: string): ApiRequest[] => [
  ...physicalRequests(demoPlan),
  post('/networks', { uuid: 'nw-red', mode: 'virtual', ipv4_network: '10.0.0.0', ipv4_prefix: 24 }),
  ...demoPlan.hypervisors.map(({ name }) =>
    post(`/datapaths/dp-${name}/networks/nw-red`, { interface_uuid: `if-${name}` }),
  ),
  post('/interfaces', {
    uuid: 'if-dhcp',
    mode: 'simulated',
    network_uuid: 'nw-red',
    mac_address: '02:00:00:01:01:02',
    ipv4_address: '10.0.0.2',
  }),
  post('/network_services', { uuid: 'ns-dhcp', interface_uuid: 'if-dhcp', mode: 'dhcp' }),
  post('/ip_range_groups', { uuid: 'iprg-a' }),
  post('/ip_range_groups/iprg-a/ip_ranges', {
    begin_ipv4_address: firstAddress,
    end_ipv4_address: lastAddress,
  }),
  post('/ip_lease_containers', { uuid: 'ilc-a' }),
  post('/ip_retention_containers', { uuid: 'irc-a', lease_time: 3_600, grace_time: 3_600 }),
  post('/lease_policies', { uuid: 'lp-a', timing: 'dhcp' }),
  post('/lease_policies/lp-a/networks/nw-red', { ip_range_group_uuid: 'iprg-a' }),
  post('/lease_policies/lp-a/ip_lease_containers/ilc-a'),
  post('/lease_policies/lp-a/ip_retention_containers/irc-a'),
  ...machines.flatMap((name) => [
    post('/interfaces', { uuid: `if-${name}`, mode: 'vif', port_name: name, mac_address: macOf(name) }),
    post(`/lease_policies/lp-a/interfaces/if-${name}`),
  ]),
]
