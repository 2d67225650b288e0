/** VLAN translations: which VLANs of a trunk port are which virtual networks. */
import { answer, operation, parameter, resource } from 'openvnet'
import { removed } from '../common/fields.ts'
import { newUuidOf, uuidOf } from '../common/models.ts'
import { vlanTranslation } from './present.ts'

const { page } = answer
const { described, integer, mac, optional, paging } = parameter

const keys = { uuid: uuidOf('vlanTranslations') }
const translationUuid = uuidOf('translations')
const aboutTranslation =
  'the translation, of mode vnet_edge: its interface, of mode edge, is the port to the legacy switch'
const networkUuid = uuidOf('networks')
const aboutNetwork =
  'the network: virtual or internal; one that the port has no other VLAN of. Ports that carry the same VLAN of the same network reach one legacy network: one of them serves it, the others stand by'
const vlanId = integer(1, 4_094)
const aboutVlan = 'the VLAN, as frames are tagged; one that the port has for no other network'
const macAddress = described(optional(mac), 'kept, and no more')

export const vlanTranslations = resource('vlan_translations', {
  create: operation({
    method: 'POST',
    path: '/',
    summary: 'Makes a VLAN of a trunk port a virtual network.',
    parameters: {
      uuid: newUuidOf('vlanTranslations'),
      translation_uuid: described(translationUuid, aboutTranslation),
      network_uuid: described(networkUuid, aboutNetwork),
      vlan_id: described(vlanId, aboutVlan),
      mac_address: macAddress,
    },
    answers: vlanTranslation,
    refusals: ['AddressInUse', 'AlreadyRelated'],
  }),
  list: operation({
    method: 'GET',
    path: '/',
    summary: 'Lists VLAN translations.',
    parameters: paging,
    answers: page(vlanTranslation),
  }),
  show: operation({
    method: 'GET',
    path: '/:uuid',
    summary: 'Shows a VLAN translation.',
    keys,
    answers: vlanTranslation,
  }),
  update: operation({
    method: 'PUT',
    path: '/:uuid',
    summary: 'Changes a VLAN translation.',
    keys,
    parameters: {
      translation_uuid: described(optional(translationUuid), aboutTranslation),
      network_uuid: described(optional(networkUuid), aboutNetwork),
      vlan_id: described(optional(vlanId), aboutVlan),
      mac_address: macAddress,
    },
    answers: vlanTranslation,
    refusals: ['AddressInUse', 'AlreadyRelated'],
  }),
  remove: operation({
    method: 'DELETE',
    path: '/:uuid',
    summary: 'Deletes a VLAN translation.',
    keys,
    answers: removed('vlanTranslations'),
  }),
})
