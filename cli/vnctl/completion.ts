/** Completion in shells: the shell asks `vnctl __complete WORDS…`, the last word being the one at the cursor. */
import * as v from 'valibot'
import { call } from './client.ts'
import { type Command, commands, commandsUnder, findCommand, nextWords, underscored } from './grammar.ts'
import { choicesOf } from './help.ts'
import { kindOf, optionsOf } from './requests.ts'
import { globalOptions, outputs, type Settings } from './settings.ts'
import { UsageError } from './usage-error.ts'

const scripts: Readonly<Record<string, string>> = {
  bash: `_vnctl() {
  local IFS=$'\\n'
  COMPREPLY=($(compgen -W "$(vnctl __complete "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _vnctl vnctl`,
  zsh: `#compdef vnctl
_vnctl() {
  local -a candidates
  candidates=("\${(@f)$(vnctl __complete "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  compadd -- $candidates
}
compdef _vnctl vnctl`,
}

/** The script for a shell, to be evaluated there: \`eval "$(vnctl completion bash)"\`. */
export function completionScript(shell: string | undefined): string {
  const script = shell === undefined ? undefined : scripts[shell]
  if (script === undefined) throw new UsageError('usage: vnctl completion bash|zsh')
  return script
}

const extraCommands = ['batch', 'api', 'ofp', 'completion', 'help']
/** A shell waits while it is told, so the API must be quick or go without. */
const uuidTimeoutMs = 700
const uuidsMax = '200'

const prefixOf = (schema: v.GenericSchema): string | undefined => {
  const { wrapped } = schema as { wrapped?: v.GenericSchema }
  return wrapped === undefined ? (v.getMetadata(schema) as { prefix?: string }).prefix : prefixOf(wrapped)
}

/** The resource whose objects have uuids with this prefix. */
const resourceWith = (prefix: string) =>
  commands
    .flatMap(({ forms }) => forms)
    .find(({ ids, keys }) => ids.length === 1 && prefixOf(keys['uuid']!) === prefix)
    ?.path.split('/')[1]

async function uuidsOf(prefix: string | undefined, settings: Settings): Promise<string[]> {
  const resource = prefix === undefined ? undefined : resourceWith(prefix)
  if (resource === undefined) return []
  try {
    const request = { method: 'GET', path: `/${resource}`, parameters: { limit: uuidsMax } }
    const answer = await call({ ...settings, timeoutMs: uuidTimeoutMs, waitMs: undefined }, request)
    return (answer.json as { items: { uuid: string }[] }).items.map(({ uuid }) => uuid)
  } catch {
    return []
  }
}

const schemaOf = (command: Command, option: string) =>
  command.forms
    .map(({ parameters }) => parameters[underscored(option.slice(2))])
    .find((schema) => schema !== undefined)

const optionNames = (command: Command) =>
  Object.keys({ ...optionsOf(command), ...globalOptions }).map((name) => `--${name.replaceAll('_', '-')}`)

/** The values of the option before the cursor; undefined: it takes none, or there is none. */
async function valuesOf(command: Command, option: string, settings: Settings): Promise<string[] | undefined> {
  if (option === '--output' || option === '-o') return [...outputs]
  const schema = option.startsWith('--') ? schemaOf(command, option) : undefined
  if (schema === undefined) return undefined
  if (kindOf(schema) === 'flag') return undefined
  const choices = choicesOf(schema)
  return choices.length > 0 ? [...choices] : uuidsOf(prefixOf(schema), settings)
}

function idAt(command: Command, words: readonly string[]): v.GenericSchema | undefined {
  const position = words.length - command.words.length
  const form = command.forms.find(
    (one) => position < one.ids.length || (one.repeatable && one.ids.length > 0),
  )
  const name = form?.ids[Math.min(position, form.ids.length - 1)]
  return name === undefined ? undefined : form?.keys[name]
}

/** What the last of the words may become. */
export async function complete(argv: readonly string[], settings: Settings): Promise<string[]> {
  const before = argv.slice(0, -1)
  const current = argv.at(-1) ?? ''
  const words = before.filter((word) => !word.startsWith('-'))
  const command = findCommand(words)
  if (command === undefined) {
    const next = nextWords(words)
    return words.length === 0 ? [...next, ...extraCommands] : next
  }
  const values = await valuesOf(command, before.at(-1) ?? '', settings)
  if (values !== undefined) return values
  if (current.startsWith('-')) return optionNames(command)
  const further = commandsUnder(words).length > 1 ? nextWords(words) : []
  const id = idAt(command, words)
  return [...further, ...(id === undefined ? [] : await uuidsOf(prefixOf(id), settings))]
}
