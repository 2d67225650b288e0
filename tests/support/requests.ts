/** Networks of a lab as API requests, other than the demo's. */
import type { LabPlan } from '../../cli/lab/plan.ts'
import type { ApiRequest } from '../../cli/vnet/demo/network.ts'

export interface NetworkPlan {
  /** `nw-<name>`; its machines are the plan's whose names begin so. */
  readonly name: string
  readonly encapsulation?: 'gre' | 'vxlan' | 'geneve'
  /** Octets that are the network's own in MAC addresses. */
  readonly number: number
}

const post = (path: string, body: ApiRequest['body']): ApiRequest => ({ method: 'POST', path, body })
const hex = (n: number) => n.toString(16).padStart(2, '0')

/** 10.0.0.0/24 on every hypervisor, a DHCP service at .2, and machines from .11 in the plan's order. */
export function networkRequests(plan: LabPlan, { name, encapsulation, number }: NetworkPlan): ApiRequest[] {
  const machines = plan.hypervisors.flatMap((one) =>
    one.machines.filter((machine) => machine.name.startsWith(name)),
  )
  return [
    post('/networks', {
      uuid: `nw-${name}`,
      mode: 'virtual',
      ipv4_network: '10.0.0.0',
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
      ipv4_address: '10.0.0.2',
    }),
    post('/network_services', { uuid: `ns-${name}dhcp`, interface_uuid: `if-${name}dhcp`, mode: 'dhcp' }),
    ...machines.map((machine, n) =>
      post('/interfaces', {
        uuid: `if-${machine.name}`,
        mode: 'vif',
        port_name: machine.name,
        network_uuid: `nw-${name}`,
        mac_address: machine.mac,
        ipv4_address: `10.0.0.${11 + n}`,
      }),
    ),
  ]
}
