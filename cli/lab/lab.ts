/**
 * Builds a lab on this machine: hypervisors in network namespaces, each with its own Open vSwitch in user space, and
 * virtual machines as namespaces. Its own daemons, its own names; the machine's Open vSwitch is never touched.
 */
import { runCommand } from './command.ts'
import { Machine } from './machine.ts'
import { inNamespace, ipBatch, removeNamespaces } from './namespaces.ts'
import { type OpenVswitch, startOpenVswitch } from './open-vswitch.ts'
import type { HypervisorPlan, LabPlan } from './plan.ts'

export interface Hypervisor {
  readonly name: string
  readonly plan: HypervisorPlan
  readonly openVswitch: OpenVswitch
}

export interface Lab {
  readonly plan: LabPlan
  /** The namespace that holds the physical switches and the router between them. */
  readonly fabric: string
  readonly hypervisors: readonly Hypervisor[]
  readonly machines: readonly Machine[]
  hypervisor(name: string): Hypervisor
  machine(name: string): Machine
  /** Ends every process and removes every namespace of the lab. May be called twice. */
  stop(): Promise<void>
}

const prefixLength = 24
let count = 0
const namespacesAlive = new Set<string>()
// When the process ends without `stop`, by an error or process.exit.
process.on('exit', () => removeNamespaces([...namespacesAlive]))

/** Starts the lab; what was started is stopped again when something fails. Needs root. */
export async function startLab(plan: LabPlan): Promise<Lab> {
  const name = `ovt-${process.pid}-lab${++count}`
  const namespaces: string[] = []
  const switches: OpenVswitch[] = []
  let stopped: Promise<void> | undefined
  const stop = () => (stopped ??= stopAll(switches, namespaces))
  const own = (netns: string) => {
    namespaces.push(netns)
    namespacesAlive.add(netns)
  }
  try {
    const fabric = `${name}-fabric`
    own(fabric)
    await buildFabric(fabric, plan)
    const built = await everyOne(
      plan.hypervisors.map((hypervisor) => buildHypervisor(name, fabric, plan, hypervisor, switches, own)),
    )
    return asLab(plan, fabric, built, stop)
  } catch (error) {
    await stop()
    throw error
  }
}

/** Like Promise.all, but a failure is told when nothing goes on any more. */
async function everyOne<T>(promises: readonly Promise<T>[]): Promise<T[]> {
  await Promise.allSettled(promises)
  return Promise.all(promises)
}

function asLab(
  plan: LabPlan,
  fabric: string,
  built: readonly { hypervisor: Hypervisor; machines: Machine[] }[],
  stop: () => Promise<void>,
): Lab {
  const hypervisors = built.map(({ hypervisor }) => hypervisor)
  const machines = built.flatMap((one) => one.machines)
  const named = <T extends { name: string }>(list: readonly T[], name: string) => {
    const found = list.find((one) => one.name === name)
    if (found === undefined)
      throw new Error(`the lab has no ${name}: ${list.map((one) => one.name).join(', ')}`)
    return found
  }
  return {
    plan,
    fabric,
    hypervisors,
    machines,
    hypervisor: (name) => named(hypervisors, name),
    machine: (name) => named(machines, name),
    stop,
  }
}

/** The physical side: one bridge a subnet, and the router between them. */
async function buildFabric(fabric: string, plan: LabPlan): Promise<void> {
  await runCommand(['ip', 'netns', 'add', fabric])
  await ipBatch(fabric, [
    'link set lo up',
    ...plan.subnets.flatMap(({ name, gateway }) => [
      `link add sw-${name} type bridge`,
      `address add ${gateway}/${prefixLength} dev sw-${name}`,
      `link set sw-${name} up`,
    ]),
  ])
  await inNamespace(fabric, 'sysctl', '-q', '-w', 'net.ipv4.ip_forward=1')
}

async function buildHypervisor(
  lab: string,
  fabric: string,
  plan: LabPlan,
  hypervisor: HypervisorPlan,
  switches: OpenVswitch[],
  own: (netns: string) => void,
): Promise<{ hypervisor: Hypervisor; machines: Machine[] }> {
  const openVswitch = await startOpenVswitch({ name: hypervisor.name })
  switches.push(openVswitch)
  const { netns } = openVswitch
  const machines = hypervisor.machines.map(
    (machine) => new Machine(machine, `${lab}-${machine.name}`, hypervisor.name),
  )
  for (const machine of machines) own(machine.netns)
  await Promise.all(machines.map((machine) => runCommand(['ip', 'netns', 'add', machine.netns])))
  // The kernel hears what the user-space datapath reads from a port too, and would answer a guest past the bridge.
  await inNamespace(
    netns,
    ...['sysctl', '-q', '-w', 'net.ipv4.conf.all.rp_filter=1', 'net.ipv6.conf.default.disable_ipv6=1'],
  )
  await ipBatch(fabric, [
    `link add ${hypervisor.name} type veth peer name eth0 netns ${netns}`,
    `link set ${hypervisor.name} master sw-${hypervisor.subnet} up`,
  ])
  await ipBatch(netns, [
    'link set eth0 up',
    ...machines.flatMap((machine) => [
      `link add ${machine.name} type veth peer name eth0 netns ${machine.netns} address ${machine.mac}`,
      `link set ${machine.name} up`,
    ]),
  ])
  await Promise.all(machines.map((machine) => ipBatch(machine.netns, ['link set lo up', 'link set eth0 up'])))
  // Without the kernel's checksums: the user-space datapath hands packets on as they are.
  await Promise.all([
    inNamespace(fabric, 'ethtool', '-K', hypervisor.name, 'tx', 'off'),
    inNamespace(netns, 'ethtool', '-K', 'eth0', 'tx', 'off'),
    ...machines.map((machine) => inNamespace(machine.netns, 'ethtool', '-K', 'eth0', 'tx', 'off')),
  ])
  await buildBridge(openVswitch, plan, hypervisor)
  return { hypervisor: { name: hypervisor.name, plan: hypervisor, openVswitch }, machines }
}

/** The bridge as an operator makes it: its datapath id, its uplink, its own address, the machines' ports. */
async function buildBridge(
  openVswitch: OpenVswitch,
  plan: LabPlan,
  hypervisor: HypervisorPlan,
): Promise<void> {
  const gateway = plan.subnets.find((subnet) => subnet.name === hypervisor.subnet)?.gateway
  if (gateway === undefined) throw new Error(`${hypervisor.name}: no subnet ${hypervisor.subnet}`)
  const bridge = [
    `datapath_type=netdev`,
    `other_config:datapath-id=${hypervisor.dpid}`,
    `other_config:hwaddr="${hypervisor.mac}"`,
  ]
  await openVswitch.vsctl(
    'add-br',
    'br0',
    '--',
    'set',
    'bridge',
    'br0',
    'fail_mode=secure',
    ...bridge,
    '--',
    'add-port',
    'br0',
    'eth0',
  )
  await ipBatch(openVswitch.netns, [
    `address add ${hypervisor.address}/${prefixLength} dev br0`,
    'link set br0 up',
    `route add default via ${gateway}`,
  ])
  await inNamespace(openVswitch.netns, 'ethtool', '-K', 'br0', 'tx', 'off')
  const ports = hypervisor.machines.flatMap(({ name }) => ['--', 'add-port', 'br0', name])
  if (ports.length > 0) await openVswitch.vsctl(...ports.slice(1))
}

async function stopAll(switches: readonly OpenVswitch[], namespaces: readonly string[]): Promise<void> {
  await Promise.all(switches.map((one) => one.stop()))
  await Promise.all(namespaces.map((netns) => runCommand(['ip', 'netns', 'del', netns]).catch(() => {})))
  for (const netns of namespaces) namespacesAlive.delete(netns)
}
