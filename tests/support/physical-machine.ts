/** A machine on a physical subnet of a lab: no hypervisor, nothing that the state knows of. */
import type { Lab } from '../../cli/lab/lab.ts'
import { runCommand } from './open-vswitch.ts'
import type { Place } from './wire.ts'

export interface PhysicalMachine extends Place {
  readonly mac: string
  readonly address: string
  exec(...command: string[]): Promise<string>
  stop(): Promise<void>
}

/** @param subnet the name of a subnet of the plan */
export async function startPhysicalMachine(
  lab: Lab,
  name: string,
  subnet: string,
  address: string,
  mac: string,
): Promise<PhysicalMachine> {
  const netns = `${lab.fabric}-${name}`
  const within = (...command: string[]) => runCommand(['ip', 'netns', 'exec', netns, ...command])
  await runCommand(['ip', 'netns', 'add', netns])
  await runCommand([
    ...['ip', '-n', lab.fabric, 'link', 'add', name, 'type', 'veth'],
    ...['peer', 'name', 'eth0', 'netns', netns, 'address', mac],
  ])
  await runCommand(['ip', '-n', lab.fabric, 'link', 'set', name, 'master', `sw-${subnet}`, 'up'])
  await within('ip', 'link', 'set', 'lo', 'up')
  await within('ip', 'link', 'set', 'eth0', 'up')
  await within('ip', 'address', 'add', `${address}/24`, 'dev', 'eth0')
  await within('ethtool', '-K', 'eth0', 'tx', 'off')
  return {
    name,
    netns,
    mac,
    address,
    exec: within,
    stop: async () => void (await runCommand(['ip', 'netns', 'del', netns]).catch(() => {})),
  }
}
