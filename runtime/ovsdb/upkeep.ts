/** What an adopted bridge must be set to, and the operations that make it so. */
import { type DatapathId, datapathIdOf, pinnedText } from './datapath-id.ts'
import type { StringMap } from './datum.ts'
import {
  addStrings,
  bumpConfiguration,
  guard,
  type Operation,
  removeKeys,
  setKeys,
  update,
} from './operations.ts'
import type { Row } from './schema.ts'

export const uplinkKey = 'openvnet-uplink'
const openflowVersion = 'OpenFlow13'

/** A setting that is not as it must be. */
export interface Correction {
  readonly setting: string
  readonly expected: string
  readonly received: string
  readonly operation: Operation
}

/**
 * What is to be put right on an adopted bridge.
 *
 * - `fail_mode=secure`: otherwise Open vSwitch bridges all tenants together whenever nobody controls it.
 * - `protocols`: an empty set is left alone, since Open vSwitch then allows every version that it knows, 1.3 among them.
 * - `disable-in-band`: not only where there is a controller row. A manager row (`ovs-vsctl set-manager tcp:…`) alone makes
 *   Open vSwitch add the hidden in-band flows too (seen with 3.1), and a controller row can come at any moment.
 * - `datapath-id`: the id of a bridge that has none pinned follows from the addresses of its ports and changes with them.
 *   One that an operator pins anew is not put back: it is then another datapath's bridge.
 */
export function correctionsOf(row: Row<'Bridge'>, dpid: DatapathId): Correction[] {
  const corrections: Correction[] = []
  const correct = (setting: string, expected: string, received: string, operation: Operation) =>
    corrections.push({ setting, expected, received, operation })

  if (row.fail_mode !== 'secure')
    correct(
      'fail_mode',
      'secure',
      row.fail_mode ?? 'none, which means standalone',
      update('Bridge', row.uuid, { fail_mode: 'secure' }),
    )
  if (row.protocols.length > 0 && !row.protocols.includes(openflowVersion))
    correct(
      'protocols',
      openflowVersion,
      row.protocols.join(','),
      addStrings('Bridge', row.uuid, 'protocols', [openflowVersion]),
    )
  const wanted: [key: string, value: string, held: boolean][] = [
    ['disable-in-band', 'true', row.other_config.get('disable-in-band') === 'true'],
    ['datapath-id', pinnedText(dpid), row.other_config.has('datapath-id')],
  ]
  for (const [key, value, held] of wanted) {
    if (held) continue
    const operation = setKeys('Bridge', row.uuid, 'other_config', new Map([[key, value]]))
    correct(`other_config:${key}`, value, row.other_config.get(key) ?? 'nothing', operation)
  }
  return corrections
}

/** Records the port that is the hypervisor's uplink, or forgets it; null when it is recorded so already. */
export function recordUplink(row: Row<'Bridge'>, portName: string | null): Operation | null {
  if ((row.external_ids.get(uplinkKey) ?? null) === portName) return null
  if (portName === null) return removeKeys('Bridge', row.uuid, 'external_ids', [uplinkKey])
  const value: StringMap = new Map([[uplinkKey, portName]])
  return setKeys('Bridge', row.uuid, 'external_ids', value)
}

/** Wraps what is to be done to a bridge: only if it still has this id, and with a word from ovs-vswitchd once it is done. */
export function onBridgeWithId(row: Row<'Bridge'>, operations: readonly Operation[]): Operation[] {
  if (datapathIdOf(row) === null) return []
  return [guard('Bridge', row.uuid, { datapath_id: row.datapath_id }), ...operations, bumpConfiguration]
}
