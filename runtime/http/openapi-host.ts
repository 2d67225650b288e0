/** The paths that no function declares. */
import { batchItemsMax } from './batch.ts'

const item = {
  type: 'object',
  required: ['method', 'path'],
  properties: {
    method: { type: 'string', enum: ['GET', 'POST', 'PUT', 'DELETE'] },
    path: {
      type: 'string',
      description: 'with or without /api/1.0; may have a query',
      examples: ['/networks'],
    },
    body: { type: 'object', description: 'the parameters' },
  },
}

const answer = {
  type: 'object',
  required: ['status', 'body'],
  properties: { status: { type: 'integer' }, body: {} },
}

const error = { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } }

const plain = (summary: string, description: string) => ({
  get: {
    tags: ['host'],
    summary,
    responses: { '200': { description, content: { 'application/json': { schema: { type: 'object' } } } } },
  },
})

export const hostPaths = {
  '/batch': {
    post: {
      tags: ['batch'],
      summary: 'Runs many requests as one: all of them are committed together, or none.',
      description:
        'An item may name by uuid what an item before it makes. The first that fails gives the status and the error, with its index.',
      requestBody: {
        required: true,
        content: { 'application/json': { schema: { type: 'array', maxItems: batchItemsMax, items: item } } },
      },
      responses: {
        '200': {
          description: 'An answer for each item, in their order.',
          content: { 'application/json': { schema: { type: 'array', items: answer } } },
        },
        default: { description: 'Nothing is written.', content: error },
      },
    },
  },
  '/openapi.json': plain('Describes the API.', 'This document.'),
  '/audit': plain(
    'Recomputes every flow from the state and compares with what the switches hold.',
    'What differs; nothing, where all is well.',
  ),
}
