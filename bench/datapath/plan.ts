/** Who is where in the bench of packets, and who speaks to whom. */
import type { Lab } from '../../cli/lab/lab.ts'
import type { LabPlan } from '../../cli/lab/plan.ts'
import { type NetworkPlan, routerMac } from '../../tests/support/requests.ts'

/** Two nodes in one physical subnet, and one behind a router. */
const names = [
  ['m1', 'm2', 'r1', 's1', 's2'],
  ['m3', 'r2', 's3'],
  ['m4', 'r3', 's4'],
]

/** A router joins the first two; the machines of the third hear their security group only. */
export const networks: readonly NetworkPlan[] = [
  { name: 'm', number: 1 },
  { name: 'r', number: 2, subnet: '10.1.0' },
  { name: 's', number: 3, subnet: '10.2.0' },
]
export const routed = networks.slice(0, 2)

export const networkOf = (machine: string): NetworkPlan => {
  const network = networks.find(({ name }) => machine.startsWith(name))
  if (network === undefined) throw new Error(`${machine} is in no network`)
  return network
}
export const subnetOf = ({ subnet = '10.0.0' }: NetworkPlan) => subnet
export const addressOf = (machine: string) =>
  `${subnetOf(networkOf(machine))}.${10 + Number(machine.slice(1))}`

export const plan: LabPlan = {
  subnets: [
    { name: 'a', gateway: '192.168.10.1' },
    { name: 'b', gateway: '192.168.20.1' },
  ],
  hypervisors: names.map((machines, n) => ({
    name: `node${n + 1}`,
    subnet: n < 2 ? 'a' : 'b',
    address: `192.168.${n < 2 ? 10 : 20}.${11 + n}`,
    dpid: `000000000000000${n + 1}`,
    mac: `02:00:00:00:00:0${n + 1}`,
    machines: machines.map((name) => ({
      name,
      mac: `52:54:00:00:0${networkOf(name).number}:0${name.slice(1)}`,
    })),
  })),
}

export interface Path {
  readonly name: string
  readonly from: string
  readonly to: string
}

export const paths: readonly Path[] = [
  { name: 'same host', from: 'm1', to: 'm2' },
  { name: 'other host, same physical network', from: 'm1', to: 'm3' },
  { name: 'other host, tunnel (GRE)', from: 'm1', to: 'm4' },
  { name: 'routed, same host', from: 'm1', to: 'r1' },
  { name: 'routed, other host, same physical network', from: 'm1', to: 'r2' },
  { name: 'routed, other host, tunnel (GRE)', from: 'm1', to: 'r3' },
  { name: 'stateful, same host', from: 's1', to: 's2' },
  { name: 'stateful, other host, same physical network', from: 's1', to: 's3' },
  { name: 'stateful, other host, tunnel (GRE)', from: 's1', to: 's4' },
]

export const isRouted = ({ from, to }: Path) => networkOf(from) !== networkOf(to)

/** Ours, or a peer. */
export interface Peer {
  readonly name: string
  readonly lab: Lab
  /** The bridge that machines are on. */
  readonly bridge: string
  /** Whether it knows a way. */
  reaches(path: Path): boolean
  /** What a machine's network carries. */
  mtuOf(machine: string): number
  stop(): Promise<void>
}

/** The MAC address that a machine sends to. */
export const nextMac = ({ lab }: Peer, path: Path): string =>
  isRouted(path) ? routerMac(networkOf(path.from).number) : lab.machine(path.to).mac
