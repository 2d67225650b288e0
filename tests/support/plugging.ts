/** Machines that are plugged out, in again, and moved. */

import type { Hypervisor, Lab } from '../../cli/lab/lab.ts'
import type { Machine } from '../../cli/lab/machine.ts'
import { ipBatch } from '../../cli/lab/namespaces.ts'

/** Takes the machine's port out of the bridge. */
export const unplug = ({ openVswitch }: Hypervisor, machine: Machine) =>
  openVswitch.vsctl('del-port', 'br0', machine.name)

/** Puts it in again, at a port of another number. */
export const plug = ({ openVswitch }: Hypervisor, machine: Machine) =>
  openVswitch.vsctl('add-port', 'br0', machine.name)

/** Carries the machine, with the address that it has, from one hypervisor to another. */
export async function move(lab: Lab, machine: Machine, from: string, to: string): Promise<void> {
  const [source, target] = [lab.hypervisor(from), lab.hypervisor(to)]
  await unplug(source, machine)
  await ipBatch(source.openVswitch.netns, [`link set ${machine.name} netns ${target.openVswitch.netns}`])
  await ipBatch(target.openVswitch.netns, [`link set ${machine.name} up`])
  await plug(target, machine)
}
