/** JSON Schemas of parameters and answers. */
import { type JsonSchema, toJsonSchema } from '@valibot/to-json-schema'
import type * as v from 'valibot'
import { componentOf } from '../answers/shape.ts'

/** What is described once, by name. */
export type Components = Record<string, JsonSchema>

export const refTo = (name: string) => ({ $ref: `#/components/schemas/${name}` })

/** The content of a request or an answer. */
export const json = <S extends object>(schema: S) => ({ 'application/json': { schema } })

/** Of parameters, for the API's own use. */
const ownMetadata = ['model', 'prefix', 'existing'] as const

const without = (schema: object, keys: readonly string[]) =>
  Object.fromEntries(Object.entries(schema).filter(([key]) => !keys.includes(key))) as JsonSchema

/** `[type, 'null']` rather than `anyOf`, where there is a type; what is said of the value is said of both. */
function nullableSchema([some = true, nothing = true]: readonly (JsonSchema | boolean)[]): JsonSchema {
  const { description, ...value } = some as JsonSchema
  const said = description === undefined ? {} : { description }
  if (typeof value.type === 'string' && value.enum === undefined && value.const === undefined)
    return { ...value, ...said, type: [value.type, 'null'] }
  return { ...said, anyOf: [value, nothing] }
}

/** A schema as JSON Schema; objects with names are put among the components and referred to. */
export function schemaOf(schema: v.GenericSchema, components: Components = {}): JsonSchema {
  const converted = toJsonSchema(schema, {
    target: 'draft-2020-12',
    errorMode: 'ignore',
    overrideAction: ({ valibotAction, jsonSchema }) =>
      valibotAction.type === 'metadata' ? without(jsonSchema, ownMetadata) : undefined,
    overrideSchema: ({ valibotSchema, jsonSchema }) => {
      if (valibotSchema.type === 'nullable') return nullableSchema(jsonSchema.anyOf ?? [])
      const component = componentOf(valibotSchema)
      if (component === undefined) return undefined
      components[component.name] ??= { description: component.about, ...jsonSchema }
      return refTo(component.name)
    },
  })
  return without(converted, ['$schema'])
}

/** The names of the components that a schema refers to. */
export const refsIn = (schema: JsonSchema): string[] =>
  [schema, ...((schema.anyOf ?? []) as JsonSchema[])].flatMap(({ $ref }) => $ref?.split('/').at(-1) ?? [])
