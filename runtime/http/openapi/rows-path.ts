/** `GET /rows/{resource}` for the OpenAPI document. */
import { rows } from '../answers/rows.ts'
import { everywhere, refusalResponses } from './refusals.ts'
import { type Components, json, schemaOf } from './schemas.ts'

const parameter = (name: string, where: 'path' | 'query', description: string, schema: object) => ({
  name,
  in: where,
  required: where === 'path',
  description,
  schema,
})

export const rowsPath = (components: Components) => ({
  get: {
    operationId: 'get_rows_resource',
    tags: ['host'],
    summary: 'Lists rows of the state as they are, also those that only relate objects to each other.',
    parameters: [
      parameter('resource', 'path', 'as events name it: datapath_networks, lease_policy_networks, …', {
        type: 'string',
      }),
      parameter('limit', 'query', 'how many to answer at most', {
        type: 'integer',
        minimum: 1,
        maximum: 10_000,
        default: 30,
      }),
      parameter('offset', 'query', 'how many to leave out before', {
        type: 'integer',
        minimum: 0,
        default: 0,
      }),
    ],
    responses: {
      '200': { description: 'As they are.', content: json(schemaOf(rows.schema, components)) },
      ...refusalResponses(['ArgumentError', 'UnknownOperation', ...everywhere]),
    },
  },
})
