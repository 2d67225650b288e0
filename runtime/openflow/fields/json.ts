import { bytesOf, convert, numberOf, objectOf, refuse, refuseOthers, show } from '../../wire/index.ts'
import { fieldsByName, type MatchField } from './table.ts'

/** A match field from its JSON form: `{ "field": "ipv4_src", "value": "192.0.2.0", "mask": "255.255.255.0" }`. */
export function fieldFromJson(json: unknown, at: string): MatchField {
  const object = objectOf(json, at)
  const name = object['field']
  if (name === 'unknown') return unknownFromJson(object, at)
  const field = typeof name === 'string' ? fieldsByName.get(name) : undefined
  if (field === undefined)
    return refuse(`${at}.field`, 'unknown match field', 'a name such as in_port, eth_type, reg0', show(name))
  refuseOthers(object, ['field', 'value', 'mask'], at)
  const value = convert(field.node, object['value'], `${at}.value`)
  if (object['mask'] === undefined) return { field: name, value } as MatchField
  return { field: name, value, mask: convert(field.node, object['mask'], `${at}.mask`) } as MatchField
}

function unknownFromJson(object: Readonly<Record<string, unknown>>, at: string): MatchField {
  refuseOthers(object, ['field', 'oxm_class', 'oxm_field', 'has_mask', 'experimenter', 'value'], at)
  const masked = object['has_mask']
  if (typeof masked !== 'boolean')
    refuse(`${at}.has_mask`, 'not a truth value', 'true or false', show(masked))
  const value: MatchField = {
    field: 'unknown',
    oxm_class: numberOf(object['oxm_class'], `${at}.oxm_class`, 16),
    oxm_field: numberOf(object['oxm_field'], `${at}.oxm_field`, 7),
    has_mask: masked as boolean,
    value: bytesOf(object['value'], `${at}.value`),
  }
  if (object['experimenter'] !== undefined)
    value.experimenter = numberOf(object['experimenter'], `${at}.experimenter`, 32)
  return value
}
