/** The paths that no function declares. */
import type { JsonSchema } from '@valibot/to-json-schema'
import { audit } from '../answers/host.ts'
import { plan } from '../answers/plan.ts'
import { batchItemsMax } from '../batch.ts'
import { events } from './event-path.ts'
import { flowsPath } from './flows-path.ts'
import { writeHeaders } from './operations.ts'
import { waiting } from './parameters.ts'
import { batchRefusal, batchRefusals, everywhere, refusalResponses } from './refusals.ts'
import { rowsPath } from './rows-path.ts'
import { type Components, json, refTo, schemaOf } from './schemas.ts'
import { tracePath } from './trace-path.ts'

const item = {
  type: 'object',
  required: ['method', 'path'],
  properties: {
    method: {
      type: 'string',
      enum: ['GET', 'POST', 'PUT', 'DELETE'],
      description: 'of the operation, as if it were asked for alone',
    },
    path: {
      type: 'string',
      description: 'with or without /api/1.0; may have a query',
      examples: ['/networks'],
    },
    body: { type: ['object', 'null'], description: 'the parameters' },
  },
}

/** The answer to an item, which may be that of any operation. */
const batchAnswer = (answers: readonly JsonSchema[]) => ({
  description: 'The answer to an item of a batch.',
  type: 'object',
  properties: {
    status: { const: 200 },
    body: {
      description: 'what it is answered by itself',
      anyOf: [...new Map(answers.map((schema) => [JSON.stringify(schema), schema])).values()],
    },
  },
  required: ['status', 'body'],
  additionalProperties: false,
})

const batch = {
  operationId: 'post_batch',
  tags: ['batch'],
  summary: 'Runs many requests as one: all of them are committed together, or none.',
  description:
    'An item may name by uuid what an item before it makes. The first that fails gives the status and the error, with its index.',
  parameters: [
    ...waiting,
    {
      name: 'dry_run',
      in: 'query',
      required: false,
      description:
        'true: nothing is written; the answer says what would change, down to the flows of every datapath. What would be refused is refused.',
      schema: { type: 'boolean', default: false },
    },
  ],
  requestBody: {
    required: true,
    content: json({ type: 'array', maxItems: batchItemsMax, items: item }),
  },
  responses: {
    '200': {
      description: 'An answer for each item, in their order; what would change, where it is only tried.',
      headers: writeHeaders,
      content: json({ anyOf: [{ type: 'array', items: refTo('BatchAnswer') }, refTo('Plan')] }),
    },
    ...batchRefusals,
  },
}

const browse = {
  operationId: 'get_browse',
  tags: ['host'],
  summary: 'Lists all operations with their parameters, as OpenVNet does.',
  parameters: [
    {
      name: 'format',
      in: 'query',
      required: false,
      description: 'how; html where nothing is said',
      schema: { type: 'string', enum: ['html', 'json', 'yaml', 'yml'] },
    },
  ],
  responses: {
    '200': {
      description: 'What there is: of each operation `route`, `description` and `parameters`.',
      content: {
        ...json({ type: 'array', items: { type: 'object' } }),
        'text/html': { schema: { type: 'string' } },
      },
    },
    ...refusalResponses(['ArgumentError', ...everywhere]),
  },
}

const openApi = {
  description: 'This document.',
  type: 'object',
  required: ['openapi', 'info', 'paths', 'components'],
}

const uriReference = { type: 'string', format: 'uri-reference' }
const index = {
  type: 'object',
  properties: {
    openapi: { ...uriReference, description: 'the path of this document' },
    resources: {
      type: 'array',
      items: { ...uriReference, description: 'the path of a resource' },
      description: 'what there is',
    },
  },
  required: ['openapi', 'resources'],
  additionalProperties: false,
}

/** `answers`: of all operations that functions declare. */
export function hostPaths(answers: readonly JsonSchema[], components: Components) {
  components['BatchAnswer'] = batchAnswer(answers) as JsonSchema
  components['BatchRefusal'] = batchRefusal
  schemaOf(plan.schema, components)
  const plain = (operationId: string, summary: string, description: string, schema: object) => ({
    get: {
      operationId,
      tags: ['host'],
      summary,
      responses: { '200': { description, content: json(schema) }, ...refusalResponses(everywhere) },
    },
  })
  return {
    '/': plain('get_index', 'Says what there is.', 'Paths of the API.', index),
    '/batch': { post: batch },
    '/events': events,
    '/rows/{resource}': rowsPath(components),
    '/datapaths/{uuid}/flows': flowsPath(components),
    '/trace': tracePath(components),
    '/browse': { get: browse },
    '/openapi.json': plain('get_openapi', 'Describes the API.', 'This document.', openApi),
    '/audit': plain(
      'get_audit',
      'Recomputes every flow from the state and compares with what the switches hold.',
      'What differs; nothing, where all is well.',
      schemaOf(audit.schema, components),
    ),
  }
}
