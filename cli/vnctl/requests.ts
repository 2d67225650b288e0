/** From the words of a command line to the requests that they stand for. */
import type * as v from 'valibot'
import { baseTypeOf } from '../../runtime/http/coerce.ts'
import type { Entries } from '../../runtime/http/declare.ts'
import { type Command, type Form, findCommand, nextWords, otherCommands } from './grammar.ts'
import type { Known } from './options.ts'
import { suggestion } from './suggest.ts'
import { UsageError } from './usage-error.ts'

export interface ApiRequest {
  readonly method: string
  /** Relative to the API, without suffix. */
  readonly path: string
  readonly parameters: Readonly<Record<string, string>>
  /** The list whose objects it is for: their uuids take the place of `:uuid` in the path. */
  readonly ofEach?: string
}

export const kindOf = (schema: v.GenericSchema) => (baseTypeOf(schema) === 'boolean' ? 'flag' : 'value')

/** The command that the words begin with, or what is wrong with them. */
export function commandOf(words: readonly string[]): Command {
  const command = findCommand(words)
  if (command !== undefined) return command
  const known: string[] = []
  for (const word of words) {
    const next = known.length > 0 ? nextWords(known) : [...nextWords(known), ...otherCommands]
    const found = next.find((candidate) => candidate === word.replaceAll('-', '_'))
    if (found === undefined)
      throw new UsageError(
        `unknown command ${[...known, word].join(' ')}${suggestion(word, next)} It can be: ${next.join(' ')}`.replace(
          /([a-z]) It can/,
          '$1. It can',
        ),
      )
    known.push(found)
  }
  throw new UsageError(`vnctl ${known.join(' ')} what? It can be: ${nextWords(known).join(' ')}`)
}

/** Whether it can be asked what would go along. */
export const deletes = ({ forms }: Command): boolean => forms.some(({ method }) => method === 'DELETE')

/** The options of all forms of a command. */
export const optionsOf = (command: Command): Known =>
  Object.fromEntries([
    ...command.forms.flatMap(({ parameters }) =>
      Object.entries(parameters).map(([name, schema]) => [name, kindOf(schema)] as const),
    ),
    ...(deletes(command) ? [['dry_run', 'flag'] as const] : []),
  ])

const placeholderOf = ({ ofEach }: Form, name: string) =>
  ofEach ? `[${name.toUpperCase()}]` : name.toUpperCase()

export const usageOf = (command: Command, form: Form) =>
  `vnctl ${command.words.join(' ')}${form.ids.map((id) => ` ${placeholderOf(form, id)}`).join('')}${form.repeatable ? '…' : ''}`

function formFor(command: Command, ids: readonly string[]): Form {
  const form = command.forms.find(
    (one) =>
      ids.length === one.ids.length ||
      (one.repeatable && ids.length > one.ids.length) ||
      (one.ofEach && ids.length === 0),
  )
  if (form !== undefined) return form
  throw new UsageError(`usage: ${command.forms.map((one) => usageOf(command, one)).join('\n   or: ')}`)
}

function checkRequired(parameters: Entries, given: Readonly<Record<string, string>>) {
  const missing = Object.entries(parameters)
    .filter(([name, schema]) => schema.type !== 'optional' && given[name] === undefined)
    .map(([name]) => `--${name.replaceAll('_', '-')}`)
  if (missing.length > 0) throw new UsageError(`missing: ${missing.join(' ')}`)
}

const pathOf = (form: Form, ids: readonly string[]) =>
  form.path.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(ids[form.ids.indexOf(name)]!))

/** The requests of a command: one, or one for each of the last ids. */
export function requestsOf(
  command: Command,
  ids: readonly string[],
  given: Readonly<Record<string, string>>,
): ApiRequest[] {
  const form = formFor(command, ids)
  const parameters = Object.fromEntries(Object.entries(given).filter(([name]) => name in form.parameters))
  checkRequired(form.parameters, parameters)
  // A filter that was forgotten must not delete everything.
  const deletesAll =
    form.method === 'DELETE' && Object.keys(form.parameters).length > 0 && given['all'] !== 'true'
  if (deletesAll && Object.keys(parameters).length === 0)
    throw new UsageError('say which: by an option, or all of them with --all')
  if (form.ofEach && ids.length === 0)
    return [{ method: form.method, path: form.path, parameters, ofEach: form.path.split('/:')[0]! }]
  const leading = ids.slice(0, Math.max(form.ids.length - 1, 0))
  const last = form.repeatable ? ids.slice(form.ids.length - 1) : [undefined]
  return last.map((id) => ({
    method: form.method,
    path: pathOf(form, id === undefined ? ids : [...leading, id]),
    parameters,
  }))
}
