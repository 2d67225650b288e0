import { type Pick, random } from '../../wire/index.ts'
import { type Field, fieldsByName, type MatchField } from './table.ts'

const all: readonly Field[] = [...fieldsByName.values()]
const metadataBytesMax = 124

/** Any field with any value, masked half of the time. */
export function randomField(pick: Pick): MatchField {
  if (pick(20) === 0) return randomUnknown(pick)
  const field = all[pick(all.length)]!
  const size = field.size === -1 ? pick(metadataBytesMax) + 1 : undefined
  const value = () =>
    size === undefined ? random(field.node, pick) : Uint8Array.from({ length: size }, () => pick(256))
  if (pick(2) === 0) return { field: field.name, value: value() } as MatchField
  return { field: field.name, value: value(), mask: value() } as MatchField
}

function randomUnknown(pick: Pick): MatchField {
  const value = Uint8Array.from({ length: pick(20) }, () => pick(256))
  return {
    field: 'unknown',
    oxm_class: 0x7000 + pick(8),
    oxm_field: pick(128),
    has_mask: pick(2) === 0,
    value,
  }
}
