/** The same network of many ports by OVN: a logical switch whose ports send from their addresses only. */
import { startOpenVswitch } from '../../tests/support/open-vswitch.ts'
import { addPorts, interfaceBody, list, type PortNetwork } from '../support/big-network.ts'
import { hasOvn, type Ovn, ovnVersion, startOvn } from './ovn.ts'

const tunnelAddress = '10.99.0.1'

export interface BigOvn extends PortNetwork, Pick<Ovn, 'apply' | 'areUp'> {}

type Command = readonly string[]

/** With a thousand at once its controller (23.03) may lose the switch, and then never says that it is done. */
const portionPorts = 250

export const inPortions = (numbers: readonly number[]): number[][] =>
  list(0, Math.ceil(numbers.length / portionPorts), (n) =>
    numbers.slice(n * portionPorts, (n + 1) * portionPorts),
  )

/** A port in a logical switch. */
export function portCommands(logicalSwitch: string, name: string, mac: string, ip: string): Command[] {
  const addresses = `${mac} ${ip}`
  return [
    ['lsp-add', logicalSwitch, name],
    ['lsp-set-addresses', name, addresses],
    ['lsp-set-port-security', name, addresses],
  ]
}

/** The port of the benches with this number. */
export function bigPortCommands(n: number): Command[] {
  const { mac_address: mac, ipv4_address: ip } = interfaceBody(n)
  return portCommands('big', `p${n}`, mac, ip)
}

/** Undefined: OVN is not installed, and that has been said. Needs root. */
export async function startBigOvn(ports: number): Promise<BigOvn | undefined> {
  if (!hasOvn()) return undefined
  const openVswitch = await startOpenVswitch({ name: 'ovn' })
  let ovn: Ovn | undefined
  const stop = async () => {
    await ovn?.stop()
    await openVswitch.stop()
  }
  try {
    await openVswitch.exec('ip', 'address', 'add', `${tunnelAddress}/24`, 'dev', 'lo')
    ovn = await startOvn([{ name: 'node1', openVswitch, address: tunnelAddress }])
    await addPorts(openVswitch, 'br-int', ports, (name) => [`external_ids:iface-id=${name}`])
    await ovn.apply([['ls-add', 'big']])
  } catch (error) {
    await stop()
    throw error
  }
  const { apply, areUp, flows, pids } = ovn
  return {
    name: await ovnVersion(),
    openVswitch,
    controllers: pids,
    apply,
    areUp,
    stop,
    async plug(from, count) {
      for (const some of inPortions(list(from, count, (n) => n))) await apply(some.flatMap(bigPortCommands))
      if (count > 1) await areUp(list(from, count, (n) => `p${n}`))
    },
    unplug: (from, count) => apply(list(from, count, (n) => ['lsp-del', `p${n}`])),
    flows: () => flows(openVswitch),
  }
}
