/** Machines that are plugged out, in again, and moved. */

import type { Hypervisor, Lab } from '../../cli/lab/lab.ts'
import { Machine } from '../../cli/lab/machine.ts'
import { ipBatch } from '../../cli/lab/namespaces.ts'
import { runCommand } from './open-vswitch.ts'

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

/** A machine more, whose cable ends in the hypervisor under its name but is not plugged in yet. `remove` ends it. */
export async function addMachine(
  hypervisor: Hypervisor,
  name: string,
  mac: string,
): Promise<Machine & { remove(): Promise<void> }> {
  const { netns } = hypervisor.openVswitch
  const machine = new Machine({ name, mac }, `${netns}-${name}`, hypervisor.name)
  await runCommand(['ip', 'netns', 'add', machine.netns])
  await ipBatch(netns, [
    `link add ${name} type veth peer name eth0 netns ${machine.netns} address ${mac}`,
    `link set ${name} up`,
  ])
  await ipBatch(machine.netns, ['link set lo up', 'link set eth0 up'])
  await machine.exec('ethtool', '-K', 'eth0', 'tx', 'off')
  return Object.assign(machine, {
    remove: async () => void (await runCommand(['ip', 'netns', 'del', machine.netns])),
  })
}
