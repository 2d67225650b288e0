/** Runs the commands that the API's declarations give. */
import { call, callEach, RequestError } from './client.ts'
import { type Command, commands } from './grammar.ts'
import type { Known, Parsed } from './options.ts'
import { render } from './output.ts'
import { type ApiRequest, commandOf, optionsOf, requestsOf } from './requests.ts'
import { globalOptions, type Settings } from './settings.ts'
import { suggestion } from './suggest.ts'
import { UsageError } from './usage-error.ts'

export interface Invocation {
  readonly command: Command
  readonly requests: readonly ApiRequest[]
  readonly options: Readonly<Record<string, string>>
}

/** Every option of every command: with them a line is read before it is known which command it has. */
export const allOptions: Known = Object.assign({ all: 'flag' }, ...commands.map(optionsOf), globalOptions)

/** Which commands have an option; what is there already is not added again. */
function elsewhere(name: string, { words: [resource] }: Command): string {
  const having = commands.filter((command) => name in optionsOf(command))
  const others = having.filter(({ words }) => words[0] !== resource || words.length > 2)
  const named = (others.length > 0 ? others : having).map(({ words }) => `vnctl ${words.join(' ')}`)
  return named.length === 0 ? '' : `; it is one of ${named.join(', ')}`
}

function checkBelongs(options: Readonly<Record<string, string>>, command: Command) {
  const known = { ...globalOptions, ...optionsOf(command), all: 'flag' }
  for (const name of Object.keys(options))
    if (!(name in known)) {
      const option = `--${name.replaceAll('_', '-')}`
      const hint = suggestion(
        option,
        Object.keys(known).map((other) => `--${other.replaceAll('_', '-')}`),
      )
      throw new UsageError(
        `vnctl ${command.words.join(' ')} has no option ${option}${hint || elsewhere(name, command)}`,
      )
    }
}

/** What words and options mean. Throws `UsageError`. */
export function interpret({ words, options }: Parsed): Invocation {
  const command = commandOf(words)
  checkBelongs(options, command)
  return { command, requests: requestsOf(command, words.slice(command.words.length), options), options }
}

export interface Streams {
  readonly out: (text: string) => void
  readonly error: (text: string) => void
}

interface Applied {
  readonly pending: readonly string[]
  readonly disconnected: readonly string[]
}

const listOf = (value: string | null) => (value === null || value === '' ? [] : value.split(','))

/** Says which datapaths do not have the write yet. Returns whether all connected ones have. */
export function reportApplied(headers: Headers, { error }: Streams): boolean {
  const applied: Applied = {
    pending: listOf(headers.get('x-vnet-pending')),
    disconnected: listOf(headers.get('x-vnet-disconnected')),
  }
  if (applied.disconnected.length > 0)
    error(`vnctl: written; not connected, so to follow later: ${applied.disconnected.join(' ')}`)
  if (applied.pending.length > 0)
    error(`vnctl: written, but not applied in time by: ${applied.pending.join(' ')}`)
  return applied.pending.length === 0
}

/**
 * Sends the requests one after the other and prints each answer (as one table, where there are several rows); a
 * refused one does not keep back the next. Returns the exit status.
 */
export async function execute(
  requests: readonly ApiRequest[],
  settings: Settings,
  streams: Streams,
): Promise<number> {
  const asOne = settings.output === 'table' && requests.length > 1
  const rows: unknown[] = []
  let failed = false
  for (const request of requests) {
    try {
      const { json, headers } = await (request.ofEach === undefined ? call : callEach)(settings, request)
      if (asOne) rows.push(...(Array.isArray(json) ? json : [json]))
      else streams.out(render(json, settings.output, request.path))
      if (settings.waitMs !== undefined && !reportApplied(headers, streams)) failed = true
    } catch (error) {
      if (!(error instanceof RequestError)) throw error
      streams.error(`vnctl: ${error.message}`)
      failed = true
    }
  }
  if (rows.length > 0) streams.out(render(rows, settings.output))
  return failed ? 1 : 0
}
