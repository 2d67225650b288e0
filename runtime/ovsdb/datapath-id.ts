/** Datapath ids: `0x` and 16 hexadecimal digits with us, 16 digits in OVSDB. */
import type { Row } from './schema.ts'

export type DatapathId = string

/** The id in our form, or null where the text is none. */
export function parseDatapathId(text: string | null | undefined): DatapathId | null {
  const digits = /^(?:0x)?([0-9a-f]{1,16})$/i.exec(text ?? '')?.[1]
  if (digits === undefined) return null
  const id = digits.toLowerCase().padStart(16, '0')
  // ovs-vswitchd takes no id of zeros only.
  return /^0+$/.test(id) ? null : `0x${id}`
}

/** As `other_config:datapath-id` wants it. */
export const pinnedText = (id: DatapathId): string => id.slice(2)

/**
 * The id of a bridge: what ovs-vswitchd says that it is, or, while it says nothing (the column does not survive a
 * restart of ovsdb-server), what it is configured to be.
 */
export function datapathIdOf(bridge: Row<'Bridge'>): DatapathId | null {
  return parseDatapathId(bridge.datapath_id) ?? parseDatapathId(bridge.other_config.get('datapath-id'))
}
