/** Hypervisors whose Open vSwitch goes down and comes up again. */
import type { Hypervisor, Lab } from '../../cli/lab/lab.ts'
import { ipBatch } from '../../cli/lab/namespaces.ts'
import { eventually } from './open-vswitch.ts'

/** Kills ovs-vswitchd, and ovsdb-server too unless told not to, and starts them again: flows and the kernel's addresses are gone, the latter are set again. */
export async function restartSwitch(
  lab: Lab,
  { openVswitch, plan }: Hypervisor,
  { withOvsdb = true } = {},
): Promise<void> {
  const gateway = lab.plan.subnets.find(({ name }) => name === plan.subnet)!.gateway
  await openVswitch.killVswitchd()
  if (withOvsdb) {
    await openVswitch.killOvsdb()
    await openVswitch.startOvsdb()
  }
  await openVswitch.startVswitchd()
  await eventually('the bridge to be back', () =>
    openVswitch.exec('ip', 'link', 'show', 'br0').then(
      () => true,
      () => false,
    ),
  )
  await openVswitch.exec('ethtool', '-K', 'br0', 'tx', 'off')
  await ipBatch(openVswitch.netns, [
    `address replace ${plan.address}/24 dev br0`,
    'link set br0 up',
    `route replace default via ${gateway}`,
  ])
}
