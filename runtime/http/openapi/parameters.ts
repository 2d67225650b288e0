/** What requests may carry. */
import type * as v from 'valibot'
import type { Entries, Operation } from '../declare.ts'
import { httpLimits } from '../shell/limits.ts'
import { schemaOf } from './schemas.ts'

export const isRequired = (entry: v.GenericSchema) => entry.type !== 'optional'

const parameterOf = (where: 'path' | 'query', name: string, entry: v.GenericSchema) => {
  const { description = '', ...schema } = schemaOf(entry)
  const inPath = where === 'path'
  const needed = !inPath && isRequired(entry) ? ' (required, here or in the body)' : ''
  return { name, in: where, required: inPath, description: `${description}${needed}`, schema }
}

/** Of everything that writes. */
export const waiting = [
  {
    name: 'wait',
    in: 'query',
    required: false,
    description:
      'applied: answer when every connected datapath has the flows of this write, or when timeout_ms are over. The write stands either way. ' +
      'An object gets the field `applied`; every answer has the headers X-Vnet-Applied, X-Vnet-Pending and X-Vnet-Disconnected.',
    schema: { type: 'string', enum: ['applied'] },
  },
  {
    name: 'timeout_ms',
    in: 'query',
    required: false,
    description: 'how long to wait for the datapaths, in ms',
    schema: {
      type: 'integer',
      minimum: 0,
      maximum: httpLimits.waitTimeoutMsMax,
      default: httpLimits.waitTimeoutMsDefault,
    },
  },
]

export const parametersOf = ({ method, keys, parameters }: Operation) => [
  ...Object.entries(keys).map(([name, entry]) => parameterOf('path', name, entry)),
  ...Object.entries(parameters).map(([name, entry]) => parameterOf('query', name, entry)),
  ...(method === 'GET' ? [] : waiting),
]

const bodyTypes = [
  'application/json',
  'application/yaml',
  'application/x-www-form-urlencoded',
  'multipart/form-data',
]

/** A body has what the query may have; bodies may be wrapped in one object (`{"network": {…}}`). */
export function bodyOf(parameters: Entries) {
  const entries = Object.entries(parameters)
  const required = entries.filter(([, entry]) => isRequired(entry)).map(([name]) => name)
  const schema = {
    type: 'object',
    properties: Object.fromEntries(entries.map(([name, entry]) => [name, schemaOf(entry)])),
    ...(required.length === 0 ? {} : { required }),
  }
  return {
    description: 'The parameters, unless they are in the query.',
    required: false,
    content: Object.fromEntries(bodyTypes.map((type) => [type, { schema }])),
  }
}
