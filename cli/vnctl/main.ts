/** From the words of a command line to what it does. */
import packageJson from '../../package.json' with { type: 'json' }
import { RequestError } from './client.ts'
import { allOptions, execute, interpret, type Streams } from './command.ts'
import { helpOn } from './help.ts'
import { type Parsed, parseOptions } from './options.ts'
import { settingsOf } from './settings.ts'
import { checkToolOptions, toolOptions, tools } from './tools.ts'
import { UsageError } from './usage-error.ts'

type Environment = Readonly<Record<string, string | undefined>>

const ownOptions = { ...allOptions, ...toolOptions, atomic: 'flag', data: 'value', version: 'flag' } as const
const isYes = (value: string | undefined) => value !== undefined && /^(y|yes|t|true|1)$/i.test(value)

function onlyFor(command: string, option: string, { words, options }: Parsed) {
  if (options[option] !== undefined && words[0] !== command)
    throw new UsageError(`--${option} is an option of vnctl ${command}`)
}

async function runWords(parsed: Parsed, environment: Environment, terminal: boolean, streams: Streams) {
  const { words, options } = parsed
  const [name = isYes(options['version']) ? 'version' : undefined, ...rest] = words
  if (name === undefined || name === 'help' || isYes(options['help'])) {
    streams.out(`${helpOn(name === 'help' ? rest : words)}\n`)
    return name === undefined && !isYes(options['help']) ? 2 : 0
  }
  if (name === 'version') {
    streams.out(`vnctl ${packageJson.version}\n`)
    return 0
  }
  onlyFor('batch', 'atomic', parsed)
  onlyFor('api', 'data', parsed)
  // Who asks to look only must not write.
  if (['batch', 'api'].includes(name) && options['dry_run'] !== undefined)
    throw new UsageError(`vnctl ${name} has no option --dry-run`)
  const settings = settingsOf(options, environment, terminal)
  if (name === 'completion') {
    streams.out(`${(await import('./completion.ts')).completionScript(rest[0])}\n`)
    return 0
  }
  if (name === 'batch')
    return (await import('./batch.ts')).runBatch(rest, isYes(options['atomic']), settings, streams)
  if (name === 'api') return (await import('./raw.ts')).runRaw(rest, options['data'], settings, streams)
  const tool = Object.hasOwn(tools, name) ? tools[name] : undefined
  if (tool !== undefined) {
    checkToolOptions(name, tool, options)
    return tool.run(rest, options, settings, streams)
  }
  const { requests } = interpret(parsed)
  if (isYes(options['dry_run']))
    return (await import('./deletion.ts')).showDeletion(requests, settings, streams)
  return execute(requests, settings, streams)
}

/** Runs one command line. Returns the exit status: 0 done, 1 refused or not reached, 2 a wrong command line. */
export async function main(
  argv: readonly string[],
  environment: Environment,
  terminal: boolean,
  streams: Streams,
): Promise<number> {
  try {
    if (argv[0] === '__complete') {
      const { complete } = await import('./completion.ts')
      const found = await complete(argv.slice(1), (options) => settingsOf(options, environment, false))
      streams.out(found.map((word) => `${word}\n`).join(''))
      return 0
    }
    return await runWords(parseOptions(argv, ownOptions), environment, terminal, streams)
  } catch (error) {
    if (error instanceof UsageError) {
      streams.error(`vnctl: ${error.message}`)
      return 2
    }
    if (!(error instanceof RequestError)) throw error
    streams.error(`vnctl: ${error.message}`)
    return 1
  }
}
