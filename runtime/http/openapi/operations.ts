/** The operations that functions declare. */

import { applied } from '../answers/host.ts'
import type { Operation } from '../declare.ts'
import { bodyOf, parametersOf } from './parameters.ts'
import { refusalResponses, refusalsOf } from './refusals.ts'
import { type Components, json, refsIn, schemaOf } from './schemas.ts'

const header = (name: string) => ({ $ref: `#/components/headers/${name}` })
const revisionHeader = { 'X-Vnet-Revision': header('Revision') }
/** Of writes, where the request waited. */
export const writeHeaders = {
  ...revisionHeader,
  'X-Vnet-Applied': header('Applied'),
  'X-Vnet-Pending': header('Pending'),
  'X-Vnet-Disconnected': header('Disconnected'),
}

/** Objects that writes answer may have `applied`. */
function answerSchema({ method, answers }: Operation, components: Components) {
  const schema = schemaOf(answers.schema, components)
  if (method === 'GET') return schema
  for (const name of refsIn(schema)) {
    const component = components[name]!
    const waited = { ...schemaOf(applied.schema, components), description: 'only after ?wait=applied' }
    components[name] = { ...component, properties: { ...component.properties, applied: waited } }
  }
  return schema
}

/** `get_datapaths_uuid_networks`: for those who generate clients. */
const operationId = (method: string, path: string) =>
  [method.toLowerCase(), ...path.split(/[/:]+/).filter((part) => part !== '')].join('_')

export function describeOperation(operation: Operation, path: string, components: Components) {
  const { parameters, summary, method } = operation
  const hasBody = method !== 'GET' && method !== 'DELETE' && Object.keys(parameters).length > 0
  return {
    operationId: operationId(method, path),
    tags: [path.split('/')[1] ?? ''],
    summary,
    parameters: parametersOf(operation),
    ...(hasBody ? { requestBody: bodyOf(parameters) } : {}),
    responses: {
      '200': {
        description: method === 'GET' ? 'As it is.' : 'Done, and durable.',
        headers: method === 'GET' ? revisionHeader : writeHeaders,
        content: json(answerSchema(operation, components)),
      },
      ...refusalResponses(refusalsOf(operation)),
    },
  }
}
