/** An interface within another object's answer. */
import { answer, interfaceModes, type Row, type State } from 'openvnet'
import { identity, times, uuidField } from '../common/fields.ts'

const { described, flag, from, nullable, oneOf, optional, shape, text } = answer

/** What every answer with an interface begins with. */
export const interfaceFields = {
  ...identity('interfaces'),
  mode: oneOf(interfaceModes, 'vif: a machine; host: the hypervisor itself; simulated: the controller'),
  display_name: nullable(text('a name for people')),
  enable_routing: flag('it is a router interface: packets take its routes'),
  enable_route_translation: flag('its routes translate addresses'),
  ...times,
  enable_filtering: flag('its filters decide what passes to it and from it'),
  enable_legacy_filtering: flag('OpenVNet has it; nothing follows from it here'),
}

const embeddedInterface = shape(
  'EmbeddedInterface',
  'An interface within another object: without its addresses and ports.',
  interfaceFields,
)

const ownerOf = (row: { readonly interface_id: number | null }, state: State): Row<'interfaces'> | null =>
  (row.interface_id === null ? undefined : state.interfaces.get(row.interface_id)) ?? null

/** The interface of a row, and its uuid, which is left out where there is none. */
export const ownInterface = from(
  described(nullable(embeddedInterface), 'the interface that has it; null where none has'),
  ownerOf,
)
export const interfaceUuid = from(
  optional(uuidField('interfaces', 'the interface that has it; left out where none has')),
  (row: { readonly interface_id: number | null }, state) => ownerOf(row, state)?.uuid,
)
