/** An interface within another object's answer. */
import { answer, interfaceModes, type Row, type State } from 'openvnet'
import { identity, times } from '../common/fields.ts'

const { flag, nullable, oneOf, shape, text } = answer

/** What every answer with an interface begins with. */
export const interfaceFields = {
  ...identity('interfaces'),
  mode: oneOf(interfaceModes, 'vif: a machine; host: the hypervisor itself; simulated: the controller'),
  display_name: nullable(text('a name for people')),
  enable_routing: flag('routes go through it'),
  enable_route_translation: flag('its routes translate addresses'),
  ...times,
  enable_filtering: flag('filters decide what reaches it'),
  enable_legacy_filtering: flag('OpenVNet has it; nothing follows from it here'),
}

export const embeddedInterface = shape(
  'EmbeddedInterface',
  'An interface within another object: without its addresses and ports.',
  interfaceFields,
)

/** The interface of a row, where it has one. */
export const ownerOf = (
  row: { readonly interface_id: number | null },
  state: State,
): Row<'interfaces'> | null =>
  (row.interface_id === null ? undefined : state.interfaces.get(row.interface_id)) ?? null
