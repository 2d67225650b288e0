/** The same machines by OVN: logical switches, a router between two of them, and a port group that hears itself only. */
import { startLab } from '../../cli/lab/lab.ts'
import { routerMac } from '../../tests/support/requests.ts'
import { addressOf, networkOf, networks, type Peer, plan, routed, subnetOf } from '../datapath/plan.ts'
import { portCommands } from './big-network.ts'
import { hasOvn, type Ovn, ovnVersion, startOvn } from './ovn.ts'

const ethernetMtu = 1_500
const geneveMtu = 1_442

const [home] = plan.hypervisors
const isAtHome = (machine: string) => home!.machines.some(({ name }) => name === machine)

const switchName = (name: string) => `nw-${name}`
const machines = plan.hypervisors.flatMap((hypervisor) => hypervisor.machines)
const guarded = machines.filter(({ name }) => name.startsWith('s')).map(({ name }) => name)

const commands: readonly (readonly string[])[] = [
  ...networks.map(({ name }) => ['ls-add', switchName(name)]),
  ...machines.flatMap(({ name, mac }) =>
    portCommands(switchName(networkOf(name).name), name, mac, addressOf(name)),
  ),
  ['lr-add', 'all'],
  ...routed.flatMap((network) => {
    const { name, number } = network
    return [
      ['lrp-add', 'all', `gw-${name}`, routerMac(number), `${subnetOf(network)}.1/24`],
      ['lsp-add', switchName(name), `to-gw-${name}`],
      ['lsp-set-type', `to-gw-${name}`, 'router'],
      ['lsp-set-addresses', `to-gw-${name}`, 'router'],
      ['lsp-set-options', `to-gw-${name}`, `router-port=gw-${name}`],
    ]
  }),
  ['pg-add', 'pg_s', ...guarded],
  ['acl-add', 'pg_s', 'to-lport', '1001', 'outport == @pg_s && ip', 'drop'],
  ['acl-add', 'pg_s', 'to-lport', '1002', 'outport == @pg_s && ip4.src == $pg_s_ip4', 'allow-related'],
]

/** Undefined: OVN is not installed, and that has been said. */
export async function startOvnLab(): Promise<Peer | undefined> {
  if (!hasOvn()) return undefined
  const lab = await startLab(plan)
  let ovn: Ovn | undefined
  const stop = async () => {
    await ovn?.stop()
    await lab.stop()
  }
  try {
    ovn = await startOvn(
      lab.hypervisors.map(({ name, openVswitch, plan: { address } }) => ({ name, openVswitch, address })),
    )
    for (const { openVswitch, plan: hypervisor } of lab.hypervisors) {
      // What goes in tunnels leaves by the bridge that has the hypervisor's address.
      await openVswitch.ofctl('add-flow', 'br0', 'actions=NORMAL')
      const moves = hypervisor.machines.flatMap(({ name }) => [
        ...['--', 'del-port', 'br0', name, '--', 'add-port', 'br-int', name],
        ...['--', 'set', 'interface', name, `external_ids:iface-id=${name}`],
      ])
      await openVswitch.vsctl(...moves.slice(1))
    }
    await ovn.apply(commands)
    await ovn.areUp(machines.map(({ name }) => name))
  } catch (error) {
    await stop()
    throw error
  }
  return {
    ...{ name: await ovnVersion(), lab, bridge: 'br-int', stop, reaches: () => true },
    mtuOf: (machine) => (isAtHome(machine) ? ethernetMtu : geneveMtu),
  }
}
