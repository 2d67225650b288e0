import { LoadedVersion } from '../dispatch/active-function.ts'
import { restoreIntrinsics } from '../dispatch/intrinsics.ts'
import { scheduleLimits } from '../dispatch/limits.ts'
import type { AnyFunction } from '../openvnet/define.ts'
import { eventNames } from '../openvnet/events.ts'
import { failure, type Problem, type Result, success } from '../problem.ts'
import { loadBundle } from './handler-modules.ts'
import { asynchronousCode, pureGlobalsPrelude } from './pure-globals.ts'

/** A version as it is stored. */
export interface StoredVersion {
  readonly name: string
  readonly version: number
  readonly digest: string
  readonly bundle: string
}

type Fields = Readonly<Record<string, unknown>>

const asynchronous = new Set(['AsyncFunction', 'GeneratorFunction', 'AsyncGeneratorFunction'])

function handlerProblem(handle: unknown): string | undefined {
  if (typeof handle !== 'function') return 'it has no handler'
  if (asynchronous.has(handle.constructor.name))
    return 'its handler is asynchronous; the host thread waits for nothing'
  return undefined
}

const isCode = (code: unknown) => Number.isInteger(code) && (code as number) > 0 && (code as number) <= 0xffff

/** What is wrong with the default export of a function of its kind. */
function definitionProblem(definition: Fields): string | undefined {
  switch (definition['kind']) {
    case 'packet':
      if (!isCode((definition['from'] as Fields | undefined)?.['code'])) return 'it names no punt point'
      return handlerProblem(definition['handle'])
    case 'event': {
      const on = definition['on']
      if (!Array.isArray(on) || on.length === 0 || !on.every((name) => eventNames.includes(name)))
        return `it is on none of ${eventNames.join(', ')}`
      return handlerProblem(definition['handle'])
    }
    case 'task':
      return handlerProblem(definition['handle'])
    case 'schedule': {
      const every = definition['every_ms']
      const { tickMs, everyMsMax } = scheduleLimits
      if (typeof every !== 'number' || !(every >= tickMs && every <= everyMsMax))
        return `its every_ms is not ${tickMs} to ${everyMsMax}`
      return handlerProblem(definition['handle'])
    }
    case 'api':
      if (typeof definition['path'] !== 'string' || !definition['path'].startsWith('/'))
        return 'its path is none'
      return typeof definition['routes'] === 'function' ? undefined : 'it has no routes'
    case 'flows':
      return typeof definition['features'] === 'object' ? undefined : 'it has no features'
    default:
      return 'its default export is not made by a define helper of the public module'
  }
}

const kindOf = (name: string) =>
  name === 'flows'
    ? 'flows'
    : (
        { packets: 'packet', events: 'event', tasks: 'task', schedules: 'schedule', api: 'api' } as Record<
          string,
          string
        >
      )[name.split('/')[0]!]

/** Loads a version from its row. Its code runs once, here; what it exports is checked. */
export async function loadVersion({
  name,
  version,
  digest,
  bundle,
}: StoredVersion): Promise<Result<LoadedVersion>> {
  const id = `${name}@${version}`
  const kind = kindOf(name)
  const problem = (what: string): Problem => ({ what, where: id })
  const later = kind === 'api' ? undefined : asynchronousCode(bundle)
  if (later !== undefined)
    return failure(
      problem(`it has "${later}": its work ends with its call, and nothing of it is asynchronous`),
    )
  // What others have edited is not this one's fault, even where it cannot be put back.
  restoreIntrinsics()
  const stuck = new Set(restoreIntrinsics())
  const loaded = await loadBundle(id, bundle, kind === 'api' ? '' : pureGlobalsPrelude(bundle))
  const edited = restoreIntrinsics().filter((name) => !stuck.has(name))
  if (edited.length > 0) return failure(problem(`it edits ${edited.join(', ')}, which is everybody's`))
  if (!loaded.ok) return loaded
  const definition = loaded.value
  if (typeof definition !== 'object' || definition === null)
    return failure(problem('it has no default export'))
  const wrong = definitionProblem(definition as Fields)
  if (wrong !== undefined) return failure(problem(wrong))
  if ((definition as Fields)['kind'] !== kind)
    return failure(problem(`it is a ${(definition as Fields)['kind']} function, and named as another`))
  return success(new LoadedVersion(name, version, digest, definition as AnyFunction))
}
