/** Commands that are more than one request of the API: their options, their help, and where they are. */
import type { Streams } from './command.ts'
import { eventOptions } from './events/options.ts'
import type { Known } from './options.ts'
import { globalOptions, type Settings } from './settings.ts'
import { suggestion } from './suggest.ts'
import { UsageError } from './usage-error.ts'

type Options = Readonly<Record<string, string>>

export interface Tool {
  readonly options: Known
  /** For the list of commands: how it is called, and what it does. */
  readonly overview: readonly [usage: string, summary: string]
  readonly help: string
  /** Returns the exit status. */
  run(words: readonly string[], options: Options, settings: Settings, streams: Streams): Promise<number>
}

const events: Tool = {
  options: eventOptions,
  overview: ['events [--follow]', 'what happens in the network, as it happens'],
  help: `vnctl events [--follow] [--since REVISION] [--resource NAMES] [--uuid UUIDS] [--datapath UUIDS] [--kind KINDS]
Prints what happens, a line each, until the host ends or Ctrl-C: changes of state with their revisions, ports that
appear and go, datapaths that connect and disconnect, the revision that each has applied, alarms.

  --follow         come back when the host goes away, and go on where it was
  --since REVISION begin with what has changed since then
  --resource NAMES only of these: networks,ip_leases
  --uuid UUIDS     only what is about these objects
  --datapath UUIDS only what is about these datapaths
  --kind KINDS     only these: created,changed,deleted,port_appeared,port_gone,datapath_connected,
                   datapath_disconnected,applied,alarm
  -o json          each event as JSON, on a line of its own`,
  run: async (...all) => (await import('./events/events.ts')).runEvents(...all),
}

export const tools: Readonly<Record<string, Tool>> = { events }

/** The options of all of them. */
export const toolOptions: Known = Object.assign({}, ...Object.values(tools).map(({ options }) => options))

const hyphened = (name: string) => `--${name.replaceAll('_', '-')}`

/** Throws `UsageError` for an option that is another command's. */
export function checkToolOptions(name: string, { options: own }: Tool, options: Options): void {
  const known = Object.keys({ ...globalOptions, ...own })
  for (const option of Object.keys(options))
    if (!known.includes(option))
      throw new UsageError(
        `vnctl ${name} has no option ${hyphened(option)}${suggestion(hyphened(option), known.map(hyphened))}`,
      )
}
