/** VLANs of trunk ports as the API answers them. */
import { answer, type Row } from 'openvnet'
import { identity, times, uuidField } from '../common/fields.ts'

const { from, id, integer, mac, nullable, shape } = answer
type VlanTranslation = Row<'vlanTranslations'>

export const vlanTranslation = shape('VlanTranslation', 'A VLAN of a trunk port that is a virtual network.', {
  ...identity('vlanTranslations'),
  translation_id: id('the translation'),
  network_id: id('the network'),
  vlan_id: integer(1, 4_094, 'the VLAN, as frames are tagged'),
  mac_address: nullable(mac('as it was given; it means nothing')),
  ...times,
  translation_uuid: from(
    uuidField('translations', 'the translation, whose interface is the trunk port'),
    (row: VlanTranslation, state) => state.translations.get(row.translation_id)!.uuid,
  ),
  network_uuid: from(
    uuidField('networks', 'the network'),
    (row: VlanTranslation, state) => state.networks.get(row.network_id)!.uuid,
  ),
  serving_interface_uuid: from(
    nullable(
      uuidField(
        'interfaces',
        'whose port serves the VLAN now: that of this translation, or another that reaches it; null: none is plugged in, or the one before is not known to be silent yet',
      ),
    ),
    ({ network_id, vlan_id }: VlanTranslation, state) => {
      const serving = state.activeVlans.one('vlan', network_id, vlan_id)?.interface_id ?? null
      return serving === null ? null : (state.interfaces.get(serving)?.uuid ?? null)
    },
  ),
})
