import { createRequire } from 'node:module'
import { runGuarded } from '../dispatch/guard.ts'
import { failure, type Problem, type Result, success } from '../problem.ts'
import { publicModule } from './bundle.ts'
import { originalPosition, type SourceMap, splitSourceMap } from './source-positions.ts'

const namespace = 'handler'
/**
 * Bun keeps something of every path that it has ever loaded from, so a function's versions share some paths in turn.
 * Stack traces of more than this many loads back have no source lines any more.
 */
const pathsPerFunction = 8
/** What the top level of a bundle may take: some 0.1 ms is usual. */
const evaluationTimeMs = 250
/** The clock is the wall's: only who is late every time is to blame. */
const evaluationAttempts = 2

interface Loaded {
  readonly id: string
  readonly map: SourceMap | undefined
}

/** The code of bundles on their way into the module loader, by path. */
const codes = new Map<string, string>()
/** What was loaded last from each path. */
const loadedFrom = new Map<string, Loaded>()
const turns = new Map<string, number>()
/** A module that awaits at its top level is refused, and Bun keeps it at its path for good. */
const spoiled = new Set<string>()
const load = createRequire(import.meta.url)
let installed = false

/** Once a thread: bundles are loaded through a namespace of their own, and share this thread's public module. */
async function install() {
  const exports = { ...(await import('../openvnet.ts')) }
  if (installed) return
  installed = true
  Bun.plugin({
    name: 'function bundles',
    setup(build) {
      build.module(publicModule, () => ({ exports, loader: 'object' }))
      build.onLoad({ filter: /./, namespace }, ({ path }) => ({
        contents: codes.get(path) ?? '',
        loader: 'js',
      }))
    },
  })
}

function nextPath(id: string): string {
  const name = id.slice(0, id.lastIndexOf('@'))
  let turn = turns.get(name) ?? -1
  do turn = (turn + 1) % (pathsPerFunction + spoiled.size)
  while (spoiled.has(`${name}/${turn}`))
  turns.set(name, turn)
  return `${name}/${turn}`
}

/** With it a bundle is not transpiled, but its text is kept for ever. */
const pragma = /^\/\/ @bun\n/

/**
 * Runs a bundle and gives its default export, or what was wrong: it may not run longer than `evaluationTimeMs`. The loader
 * forgets it at once, so that the code is collected when nothing refers to it any more.
 * @param id names the version in stack traces: `packets/dhcp@3`
 * @param prelude code that goes before it, a line at most
 */
export async function loadBundle(id: string, bundle: string, prelude = ''): Promise<Result<unknown>> {
  if (!installed) await install()
  const { code, map } = splitSourceMap(bundle)
  const path = nextPath(id)
  const specifier = `${namespace}:${path}`
  // The first line is a comment; in its place goes the prelude, and every line keeps its number.
  codes.set(path, pragma.test(code) ? code.replace(pragma, () => `${prelude}\n`) : prelude + code)
  loadedFrom.set(path, { id, map })
  try {
    for (let attempt = 1; attempt <= evaluationAttempts; attempt++) {
      const evaluated = evaluate(specifier)
      if (evaluated !== undefined) return success(evaluated.default)
    }
    return failure({ ...overran, where: id })
  } catch (error) {
    const what = error instanceof Error ? error.message : String(error)
    if (what.includes('async module')) spoiled.add(path)
    return failure({ what, where: id })
  } finally {
    codes.delete(path)
  }
}

const overran: Omit<Problem, 'where'> = {
  what: `its top level had not ended after ${evaluationTimeMs} ms`,
  hint: 'What is outside of its handlers runs once, when it is loaded, and must be short.',
}

/** undefined: its time was over. Throws what the module throws. */
function evaluate(specifier: string): { readonly default?: unknown } | undefined {
  let module: { readonly default?: unknown } | undefined
  try {
    const ended = runGuarded(() => {
      module = load(specifier)
    }, evaluationTimeMs)
    // What it has allocated until then is not to be there twice.
    if (!ended) Bun.gc(true)
    return ended ? module : undefined
  } finally {
    delete load.cache[specifier]
  }
}

const frame = /handler:([^\s():]+):(\d+):(\d+)/g

/** A stack trace with the lines of the sources, and the version before each: `packets/dhcp@3:functions/packets/…:12:5`. */
export function sourceStack(stack: string): string {
  return stack.replace(frame, (text, path: string, line: string, column: string) => {
    const loaded = loadedFrom.get(path)
    if (loaded === undefined) return text
    const position = loaded.map && originalPosition(loaded.map, Number(line), Number(column))
    if (position === undefined) return `${loaded.id}:${line}:${column}`
    return `${loaded.id}:${position.source}:${position.line}:${position.column}`
  })
}
