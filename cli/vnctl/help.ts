/** Help texts, from the same declarations as the commands. */
import type * as v from 'valibot'
import type { Entries } from '../../runtime/http/declare.ts'
import { type Command, commands, commandsUnder, type Form } from './grammar.ts'
import { kindOf, usageOf } from './requests.ts'
import { tools } from './tools.ts'

interface Part {
  readonly type: string
  readonly description?: string
  readonly requirement?: unknown
  readonly pipe?: readonly Part[]
}

interface Described {
  readonly pipe?: readonly Part[]
  readonly wrapped?: v.GenericSchema & Described
  readonly options?: readonly string[]
  readonly default?: unknown
}

/** The text that a schema was described with; the outermost, where there are several. */
function descriptionOf(schema: Described): string {
  const own = schema.pipe?.filter((part) => part.type === 'description').at(-1)?.description
  return own ?? (schema.wrapped === undefined ? '' : descriptionOf(schema.wrapped))
}

/** `1 to 100`, `at least 1`; undefined where the declaration has no bounds. */
function rangeOf({ pipe = [], wrapped }: Described): string | undefined {
  const boundOf = (parts: readonly Part[], type: string): unknown =>
    parts.find((part) => part.type === type)?.requirement
  const least = boundOf(pipe, 'min_value')
  const most = boundOf(pipe, 'max_value')
  if (least !== undefined)
    return most === Number.MAX_SAFE_INTEGER ? `at least ${least}` : `${least} to ${most}`
  const inner = [
    ...pipe.filter((part) => part.pipe !== undefined),
    ...(wrapped === undefined ? [] : [wrapped]),
  ]
  return inner.map(rangeOf).find((range) => range !== undefined)
}

/** The words that a parameter may be, where it may be only some. */
export function choicesOf(schema: v.GenericSchema): readonly string[] {
  const { options, wrapped } = schema as Described
  return options ?? (wrapped === undefined ? [] : choicesOf(wrapped))
}

function optionLine(name: string, schema: v.GenericSchema): [string, string] {
  const choices = choicesOf(schema)
  const value = choices.length > 0 ? choices.join('|') : 'VALUE'
  const option = name.replaceAll('_', '-')
  const left = kindOf(schema) === 'flag' ? `--[no-]${option}` : `--${option} ${value}`
  const otherwise = (schema as Described).default
  const range = rangeOf(schema as Described)
  const notes = [
    ...(schema.type === 'optional' ? [] : ['required']),
    ...(range === undefined ? [] : [range]),
    ...(otherwise === undefined || otherwise === '' ? [] : [`${otherwise} by default`]),
  ]
  return [left, `${descriptionOf(schema as Described)}${notes.length > 0 ? ` (${notes.join(', ')})` : ''}`]
}

const columns = (lines: readonly (readonly [string, string])[]) => {
  const width = Math.min(Math.max(...lines.map(([left]) => left.length)), 34)
  return lines.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`.trimEnd()).join('\n')
}

const globalHelp = columns([
  ['--api URL', 'where the API is; else VNET_API, else http://127.0.0.1:9090'],
  [
    '--state DIR',
    'the state folder with the token; else VNET_STATE, else .vnet. VNET_TOKEN is a token itself',
  ],
  ['-o, --output table|yaml|json', 'else VNET_OUTPUT, else a table on a terminal and YAML elsewhere'],
  ['--wait', 'answer when the switches have the flows of what was written'],
  ['--wait-timeout MS', 'for that long at most, 5000 by default; then the exit status is 1'],
  ['--timeout MS', 'for an answer of the API, 30000 by default'],
  ['-h, --help', 'help on what stands before it; --version: the version'],
])

const optionHelp = (parameters: Entries) =>
  Object.keys(parameters).length === 0
    ? ''
    : `\n\n${columns(Object.entries(parameters).map(([name, schema]) => optionLine(name, schema)))}`

const trial = ({ method }: Form) =>
  method === 'DELETE' ? '\n\n  --dry-run  only show what would go along, and what flows that changes' : ''

const commandHelp = (command: Command) =>
  command.forms
    .map((form) => `${usageOf(command, form)}\n${form.summary}${optionHelp(form.parameters)}${trial(form)}`)
    .join('\n\n')

const listOf = (some: readonly Command[]) =>
  columns(
    some.flatMap((command) =>
      command.forms.map((form) => [usageOf(command, form).slice(6), form.summary] as const),
    ),
  )

/** Commands that are not of the API. */
const others: Readonly<Record<string, string>> = {
  ...Object.fromEntries(Object.entries(tools).map(([name, { help }]) => [name, help])),
  batch: `vnctl batch [FILE] [--atomic]
Runs a command a line, from a file or standard input, each as on the command line; # begins a comment. Every line is
read before the first is run. A line that fails does not keep back the next; the exit status is 1 then. The commands
are those of the API's objects.

  --atomic  send all lines as one transaction: all of them are done, or none`,
  api: `vnctl api GET|POST|PUT|DELETE PATH [--data JSON]
Sends any request. PATH is relative to /api/1.0 and may have a query: vnctl api GET 'networks?limit=5'

  --data JSON  the body; - reads it from standard input`,
  completion: `vnctl completion bash|zsh
Prints a script that completes commands, options, their values, and uuids from the API.

  bash: eval "$(vnctl completion bash)"      in ~/.bashrc
  zsh:  eval "$(vnctl completion zsh)"       in ~/.zshrc, after compinit`,
}

const toolLines = () =>
  Object.values(tools)
    .map(({ overview: [usage, summary] }) => `  ${usage.padEnd(23)}  ${summary}`)
    .join('\n')

const overview = () => `vnctl: the network's command line

${columns(
  [...new Set(commands.map((command) => command.words[0]!))].map((resource) => [
    resource,
    [...new Set(commandsUnder([resource]).map((command) => command.words.slice(1).join(' ')))].join(', '),
  ]),
)}

${toolLines()}
  batch [FILE] [--atomic]  runs a command a line, from a file or standard input; --atomic: all of them or none
  api METHOD PATH          any request of the API, as it is (--data JSON, or - for standard input)
  ofp decode|encode        OpenFlow messages to JSON and back
  completion bash|zsh      a script that completes commands, options and uuids

${globalHelp}

Options may stand anywhere; - and _ are the same in them and in commands. \`vnctl RESOURCE --help\` says more.`

/** Help on what the words name, as far as they name anything. */
export function helpOn(words: readonly string[]): string {
  const under = commandsUnder(words)
  if (under.length === 0 && !Object.hasOwn(others, words[0] ?? '')) return helpOn(words.slice(0, -1))
  const exact = under.find((command) => command.words.length === words.length)
  const [first = ''] = words
  if (Object.hasOwn(others, first)) return `${others[first]}\n\nEverywhere:\n${globalHelp}`
  if (words.length === 0) return overview()
  const further = under.filter((command) => command !== exact)
  const parts = [
    ...(exact === undefined ? [] : [commandHelp(exact)]),
    ...(further.length === 0 ? [] : [listOf(further)]),
    `Everywhere:\n${globalHelp}`,
  ]
  return parts.join('\n\n')
}
