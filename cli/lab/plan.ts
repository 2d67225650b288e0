/** What a lab consists of: hypervisors on physical subnets that one router joins, and virtual machines on them. */

export interface SubnetPlan {
  readonly name: string
  /** Of the router, which is the gateway: `192.168.10.1`. Every subnet is a /24. */
  readonly gateway: string
}

export interface HypervisorPlan {
  readonly name: string
  readonly subnet: string
  readonly address: string
  /** 16 hexadecimal digits. */
  readonly dpid: string
  /** MAC address of its bridge's own port. */
  readonly mac: string
  readonly machines: readonly MachinePlan[]
}

/** A virtual machine: a network namespace whose `eth0` is plugged into the hypervisor's bridge under its name. */
export interface MachinePlan {
  readonly name: string
  readonly mac: string
}

export interface LabPlan {
  readonly subnets: readonly SubnetPlan[]
  readonly hypervisors: readonly HypervisorPlan[]
}

const twoDigits = (n: number) => n.toString(16).padStart(2, '0')

/** Nodes 1 and 2 in one physical subnet, node 3 behind a router in another; two machines each, red and blue. */
export const demoPlan: LabPlan = {
  subnets: [
    { name: 'a', gateway: '192.168.10.1' },
    { name: 'b', gateway: '192.168.20.1' },
  ],
  hypervisors: [1, 2, 3].map((n) => ({
    name: `node${n}`,
    subnet: n < 3 ? 'a' : 'b',
    address: `192.168.${n < 3 ? 10 : 20}.${10 + n}`,
    dpid: `000000000000000${n}`,
    mac: `02:00:00:00:00:${twoDigits(n)}`,
    machines: ['red', 'blue'].map((network, i) => ({
      name: `${network}${n}`,
      mac: `52:54:00:00:${twoDigits(i + 1)}:${twoDigits(n)}`,
    })),
  })),
}
