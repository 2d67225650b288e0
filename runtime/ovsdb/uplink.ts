/** What is known about a hypervisor's uplink from its own OVSDB alone, before any state can be read. */
import type { OvsdbAddress } from './address.ts'
import { openflowAddressOf } from './address.ts'
import { type DatapathId, datapathIdOf } from './datapath-id.ts'
import { portsOf } from './ports.ts'
import type { Replica } from './replica.ts'
import { uplinkKey } from './upkeep.ts'

export interface BootstrapUplink {
  readonly dpid: DatapathId
  readonly bridge: string
  readonly openflowAddress: string
  /** The port that leads to the physical network. */
  readonly portName: string
  /** Its OpenFlow number; null while Open vSwitch has given it none. */
  readonly portNumber: number | null
}

/**
 * The local bridges that we once adopted (only we record an uplink), that are secure, and whose uplink state knew. After a
 * reboot their flow table is empty and the database may be behind that very uplink.
 */
export function uplinksIn(address: OvsdbAddress, replica: Replica): BootstrapUplink[] {
  const uplinks: BootstrapUplink[] = []
  for (const row of replica.table('Bridge').values()) {
    const portName = row.external_ids.get(uplinkKey)
    const dpid = datapathIdOf(row)
    const openflowAddress = openflowAddressOf(address, row.name)
    if (portName === undefined || dpid === null || openflowAddress === null || row.fail_mode !== 'secure')
      continue
    const portNumber = portsOf(replica, row).get(portName)?.portNumber ?? null
    uplinks.push({ dpid, bridge: row.name, openflowAddress, portName, portNumber })
  }
  return uplinks
}
