/** VLANs of legacy switches, which reach virtual networks by trunk ports. */
import { sql } from 'drizzle-orm'
import { check, index, integer, sqliteTable, unique } from 'drizzle-orm/sqlite-core'
import { fence, id, times, uuid } from './columns.ts'
import { datapaths } from './datapaths.ts'
import { interfaces } from './interfaces.ts'
import { networks } from './networks.ts'
import { translations } from './translations.ts'

/** A VLAN of a trunk port is a virtual network. */
export const vlanTranslations = sqliteTable(
  'vlan_translations',
  {
    id: id(),
    uuid: uuid(),
    /** Of mode vnet_edge: its interface is the trunk port. */
    translation_id: integer('translation_id')
      .notNull()
      .references(() => translations.id, { onDelete: 'cascade' }),
    network_id: integer('network_id')
      .notNull()
      .references(() => networks.id, { onDelete: 'cascade' }),
    vlan_id: integer('vlan_id').notNull(),
    /** Kept for clients; it means nothing, as in OpenVNet. */
    mac_address: integer('mac_address'),
    ...times(),
  },
  (t) => [
    unique('vlan_translations_vlan').on(t.translation_id, t.vlan_id),
    unique('vlan_translations_pair').on(t.translation_id, t.network_id),
    index('vlan_translations_network').on(t.network_id),
    check('vlan_id_is_1_to_4094', sql`${t.vlan_id} BETWEEN 1 AND 4094`),
  ],
)

/**
 * Which trunk port serves a VLAN of a network: of several that reach it exactly one, or two of them would join it to
 * itself. There is a row as long as some port may still carry the VLAN's frames.
 */
export const activeVlans = sqliteTable(
  'active_vlans',
  {
    id: id(),
    network_id: integer('network_id')
      .notNull()
      .references(() => networks.id, { onDelete: 'cascade' }),
    vlan_id: integer('vlan_id').notNull(),
    /** The trunk port, by its interface; null: nobody serves until who did is certainly silent. */
    interface_id: integer('interface_id').references(() => interfaces.id, { onDelete: 'set null' }),
    /** Where that port is; while nobody serves, where the port is that did. */
    datapath_id: integer('datapath_id').references(() => datapaths.id, { onDelete: 'set null' }),
    ...fence(),
    ...times(),
  },
  (t) => [
    unique('active_vlans_vlan').on(t.network_id, t.vlan_id),
    index('active_vlans_interface').on(t.interface_id),
    index('active_vlans_datapath').on(t.datapath_id),
  ],
)
