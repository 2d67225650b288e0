/** `POST /trace`. */
import { ApiError, argumentError } from '../../http/errors.ts'
import { parametersOf } from '../../http/input.ts'
import { represent } from '../../http/represent.ts'
import type { HostRoute } from '../../http/shell/host-route.ts'
import { allFlows } from '../../pipeline/sync/session-port.ts'
import { switchFlows } from '../../pipeline/sync/switch-tables.ts'
import { lookLimits } from '../look/limits.ts'
import type { NetworkState } from '../network-state.ts'
import type { Switches } from '../switches.ts'
import { type CtVerdict, ctVerdicts } from './conntrack.ts'
import { type TraceSources, tracePacket } from './trace.ts'

function textOf(parameters: Readonly<Record<string, unknown>>, name: string): string {
  const value = parameters[name]
  if (value === undefined || value === null || value === '') throw new ApiError('MissingArgument', name)
  if (typeof value !== 'string') throw argumentError(`${name}: must be text`)
  return value
}

function verdictsOf(given: unknown): readonly CtVerdict[] {
  if (given === undefined || given === null || given === '') return ['new']
  const words = String(given).split(',')
  const isVerdict = (word: string): word is CtVerdict => (ctVerdicts as readonly string[]).includes(word)
  if (words.every(isVerdict)) return words
  throw argumentError(
    `ct: must be some of ${ctVerdicts.join(', ')}, with commas, not ${JSON.stringify(given)}`,
  )
}

const learnedBy =
  (switches: Pick<Switches, 'get'>): TraceSources['learned'] =>
  async (dpid, table) => {
    const replies = await switches.get(dpid)?.session.multipartBytes(allFlows, lookLimits.readTimeoutMs)
    if (replies?.ok !== true) return undefined
    return [...switchFlows(replies.value)].flatMap((entry) =>
      entry.table === table ? (entry.flow ?? []) : [],
    )
  }

export const traceRoute = (
  begun: () => { readonly state: NetworkState },
  switches: Pick<Switches, 'get'>,
): HostRoute => ({
  method: 'POST',
  path: /^\/trace$/,
  async answer({ query, headers, representation, body }) {
    const { state } = begun()
    const parameters = parametersOf(query.toString(), headers['content-type'], await body())
    const request = {
      interfaceUuid: textOf(parameters, 'interface_uuid'),
      packet: textOf(parameters, 'packet'),
      verdicts: verdictsOf(parameters['ct']),
    }
    const trace = await tracePacket(request, { state, learned: learnedBy(switches) })
    return represent(200, JSON.stringify(trace), representation)
  },
})
