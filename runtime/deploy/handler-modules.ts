import { createRequire } from 'node:module'
import { failure, type Result, success } from '../problem.ts'
import { publicModule } from './bundle.ts'
import { originalPosition, type SourceMap, splitSourceMap } from './source-positions.ts'

const namespace = 'handler'
/**
 * Bun keeps something of every path that it has ever loaded from, so a function's versions share some paths in turn.
 * Stack traces of more than this many loads back have no source lines any more.
 */
const pathsPerFunction = 8

interface Loaded {
  readonly id: string
  readonly map: SourceMap | undefined
}

/** The code of bundles on their way into the module loader, by path. */
const codes = new Map<string, string>()
/** What was loaded last from each path. */
const loadedFrom = new Map<string, Loaded>()
const turns = new Map<string, number>()
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
  const turn = ((turns.get(name) ?? -1) + 1) % pathsPerFunction
  turns.set(name, turn)
  return `${name}/${turn}`
}

/** With it a bundle is not transpiled, but its text is kept for ever. */
const pragma = /^\/\/ @bun\n/

/**
 * Runs a bundle and gives its default export. The loader forgets it at once, so that the code is collected when
 * nothing refers to it any more.
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
    const module = load(specifier) as { readonly default?: unknown }
    return success(module.default)
  } catch (error) {
    return failure({ what: error instanceof Error ? error.message : String(error), where: id })
  } finally {
    delete load.cache[specifier]
    codes.delete(path)
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
