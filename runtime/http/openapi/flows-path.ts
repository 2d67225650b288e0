/** `GET /datapaths/{uuid}/flows` for the OpenAPI document. */
import { datapathFlows } from '../answers/flows.ts'
import { everywhere, refusalResponses } from './refusals.ts'
import { type Components, json, schemaOf } from './schemas.ts'

const word = (name: string, where: 'path' | 'query', description: string) => ({
  name,
  in: where,
  required: where === 'path',
  description,
  schema: { type: 'string' },
})

export const flowsPath = (components: Components) => ({
  get: {
    operationId: 'get_datapaths_uuid_flows',
    tags: ['datapaths'],
    summary:
      'Lists the flows of a datapath, read from its switch, in the names of tables, registers and objects.',
    parameters: [
      word('uuid', 'path', 'uuid of a Datapath'),
      word('table', 'query', 'only of this table, by name or number'),
      word('feature', 'query', 'only of this feature or punt point'),
      word('object', 'query', 'only those that were made for the object with this uuid, or name it'),
    ],
    responses: {
      '200': {
        description: 'As the switch has them.',
        content: json(schemaOf(datapathFlows.schema, components)),
      },
      ...refusalResponses(['InvalidUUID', 'UnknownUUIDResource', 'ArgumentError', ...everywhere]),
    },
  },
})
