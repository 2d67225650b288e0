/** A switch that knows nothing of us: VLANs, access ports for machines, trunk ports to hypervisors. */
import type { Hypervisor } from '../../cli/lab/lab.ts'
import { Machine } from '../../cli/lab/machine.ts'
import { inNamespace, ipBatch } from '../../cli/lab/namespaces.ts'
import { type OpenVswitch, runCommand, startOpenVswitch } from './open-vswitch.ts'

export interface LegacyMachinePlan {
  readonly name: string
  readonly mac: string
  readonly vlan: number
  /** With its prefix; none: it asks for one by DHCP. */
  readonly address?: string
}

export interface LegacySwitch {
  readonly netns: string
  machine(name: string): Machine
  /** Lays a cable to a hypervisor, whose bridge gets it as this port; the other end is `<name>` in the switch. */
  trunk(hypervisor: Hypervisor, name: string): Promise<void>
  /** Carries a machine to another switch, or to another VLAN of this one. */
  move(machine: Machine, to: LegacySwitch, vlan: number): Promise<void>
  /** At an access port of a VLAN. */
  attach(machine: Machine, vlan: number): Promise<void>
  /** What the switch has learned: port by `<vlan> <mac>`. */
  learned(): Promise<Map<string, string>>
  stop(): Promise<void>
}

/** Without the kernel's checksums: the user-space datapath hands packets on as they are. */
const withoutOffload = (netns: string, device: string) =>
  inNamespace(netns, 'ethtool', '-K', device, 'tx', 'off', 'txvlan', 'off')

async function buildMachine({ name, mac, address }: LegacyMachinePlan, switchNetns: string) {
  const machine = new Machine({ name, mac }, `${switchNetns}-${name}`, switchNetns)
  await runCommand(['ip', 'netns', 'add', machine.netns])
  await ipBatch(switchNetns, [
    `link add ${name} type veth peer name eth0 netns ${machine.netns} address ${mac}`,
    `link set ${name} up`,
  ])
  const addresses = address === undefined ? [] : [`address add ${address} dev eth0`]
  await ipBatch(machine.netns, ['link set lo up', 'link set eth0 up', ...addresses])
  await withoutOffload(machine.netns, 'eth0')
  return machine
}

async function learnedBy(openVswitch: OpenVswitch): Promise<Map<string, string>> {
  const [lines, numbers] = await Promise.all([
    openVswitch.appctl('fdb/show', 'br0'),
    openVswitch.vsctl('--bare', '--columns=ofport,name', 'list', 'interface'),
  ])
  const names = new Map([...numbers.matchAll(/^(\d+)\n(\S+)$/gm)].map(([, number, port]) => [number!, port!]))
  const entries = [...lines.matchAll(/^ *(\d+) +(\d+) +([0-9a-f:]{17})/gm)]
  return new Map(entries.map(([, port, vlan, mac]) => [`${vlan} ${mac}`, names.get(port!) ?? port!]))
}

/** Starts one with its machines. */
export async function startLegacySwitch(
  name: string,
  plans: readonly LegacyMachinePlan[],
): Promise<LegacySwitch> {
  const openVswitch = await startOpenVswitch({ name })
  const { netns } = openVswitch
  const machines: Machine[] = []
  const ports = new Map<Machine, string>()
  const add = (port: string, ...settings: string[]) => openVswitch.vsctl('add-port', 'br0', port, ...settings)
  const self: LegacySwitch = {
    netns,
    machine: (wanted) => machines.find((machine) => machine.name === wanted)!,
    async attach(machine, vlan) {
      await add(machine.name, `tag=${vlan}`)
      ports.set(machine, machine.name)
    },
    async trunk(hypervisor, port) {
      const far = hypervisor.openVswitch.netns
      await ipBatch(netns, [
        `link add ${port} type veth peer name ${port} netns ${far}`,
        `link set ${port} up`,
      ])
      await ipBatch(far, [`link set ${port} up`])
      await withoutOffload(netns, port)
      await withoutOffload(far, port)
      await add(port)
      await hypervisor.openVswitch.vsctl('add-port', 'br0', port)
    },
    async move(machine, to, vlan) {
      await openVswitch.vsctl('del-port', 'br0', machine.name)
      if (to.netns !== netns)
        await ipBatch(netns, [`link set ${machine.name} netns ${to.netns}`]).then(() =>
          ipBatch(to.netns, [`link set ${machine.name} up`]),
        )
      await to.attach(machine, vlan)
    },
    learned: () => learnedBy(openVswitch),
    async stop() {
      await openVswitch.stop()
      for (const machine of machines) await runCommand(['ip', 'netns', 'del', machine.netns]).catch(() => {})
    },
  }
  try {
    await openVswitch.vsctl('add-br', 'br0', '--', 'set', 'bridge', 'br0', 'datapath_type=netdev')
    for (const plan of plans) {
      const machine = await buildMachine(plan, netns)
      machines.push(machine)
      await self.attach(machine, plan.vlan)
    }
    return self
  } catch (error) {
    await self.stop()
    throw error
  }
}
