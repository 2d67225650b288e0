/** The commands of `vnctl`, derived from the operations that the API declares. */
import { resources } from '../../functions/api/resources.ts'
import {
  type Entries,
  isList,
  type Method,
  type Operation,
  type Resource,
} from '../../runtime/http/declare.ts'

/** One way to use a command: `show` has one for a list and one for objects by uuid. */
export interface Form {
  readonly method: Method
  /** `/interfaces/:uuid/ports` */
  readonly path: string
  /** The names in the path, in their order: what is given by position. */
  readonly ids: readonly string[]
  /** The last of them may be given more than once: a request each. */
  readonly repeatable: boolean
  /** Without the id it is for every object of the resource. */
  readonly ofEach: boolean
  readonly keys: Entries
  readonly parameters: Entries
  readonly summary: string
}

export interface Command {
  /** `['interfaces', 'ports', 'add']` */
  readonly words: readonly string[]
  readonly forms: readonly Form[]
}

const verbs: Readonly<Record<Method, string>> = { POST: 'add', GET: 'show', PUT: 'modify', DELETE: 'del' }

/**
 * `/` and `/:uuid` → add, show, modify, del; `/:uuid/ports` and `/:uuid/networks/:network_uuid` → the same under the
 * relation's name; what is no list under `/:uuid` is a command of that name
 * (`ip_leases attach`, `datapaths status`).
 */
function wordsOf(resource: Resource, operation: Operation): string[] {
  const { method, path } = operation
  const [first, relation, second] = path.split('/').slice(1)
  if (relation === undefined || first === '') return [resource.name, verbs[method]]
  const isAction = second === undefined && (method === 'PUT' || (method === 'GET' && !isList(operation)))
  return isAction ? [resource.name, relation] : [resource.name, relation, verbs[method]]
}

/** Lists that OpenVNet's client has commands of this name for, from when there was nothing to add or take out. */
const namedLists: ReadonlySet<string> = new Set([
  'ip_lease_containers ip_leases show',
  'ip_retention_containers ip_retentions show',
])

/** The words of an operation; of some, those that it once had, too. */
function allWordsOf(resource: Resource, operation: Operation): string[][] {
  const words = wordsOf(resource, operation)
  return namedLists.has(words.join(' ')) ? [words, words.slice(0, -1)] : [words]
}

function formOf(resource: Resource, operation: Operation): Form {
  const { method, path, keys, parameters, summary } = operation
  const ids = Object.keys(keys)
  const endsWithId = path.split('/').at(-1)?.startsWith(':') === true
  const repeatable = endsWithId && (method === 'GET' || method === 'DELETE')
  return {
    method,
    path: `${resource.path}${path === '/' ? '' : path}`,
    ids,
    repeatable,
    ofEach: method === 'GET' && !isList(operation) && ids.length === 1 && !endsWithId,
    keys,
    parameters,
    summary,
  }
}

function derive(): Command[] {
  const commands = new Map<string, { words: string[]; forms: Form[] }>()
  for (const resource of resources as readonly Resource[])
    for (const operation of Object.values(resource.operations))
      for (const words of allWordsOf(resource, operation)) {
        const name = words.join(' ')
        const command = commands.get(name) ?? { words, forms: [] }
        command.forms.push(formOf(resource, operation))
        commands.set(name, command)
      }
  return [...commands.values()]
}

export const commands: readonly Command[] = derive()

/** What is no command of an object. */
export const otherCommands = [
  'apply',
  'export',
  'flows',
  'trace',
  'events',
  'batch',
  'api',
  'ofp',
  'completion',
  'help',
] as const

/** Words and names of options may be written with hyphens or underscores. */
export const underscored = (word: string) => word.replaceAll('-', '_')

/** The commands that begin with these words. */
export const commandsUnder = (words: readonly string[]) =>
  commands.filter((command) => words.every((word, index) => command.words[index] === underscored(word)))

/** The command that a command line begins with, and how many words name it. */
export function findCommand(argv: readonly string[]): Command | undefined {
  return commands
    .filter((command) => command.words.every((word, index) => underscored(argv[index] ?? '') === word))
    .sort((a, b) => b.words.length - a.words.length)[0]
}

/** The words that may follow. */
export const nextWords = (words: readonly string[]): string[] => [
  ...new Set(commandsUnder(words).flatMap((command) => command.words[words.length] ?? [])),
]
