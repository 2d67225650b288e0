import { createRequire } from 'node:module'
import { failure, type Result, success } from '../problem.ts'
import { publicModule } from './bundle.ts'

/** Bundles on their way into the module loader, by specifier. */
const texts = new Map<string, string>()
const namespace = 'handler'
let installed: Promise<void> | undefined

/** Once a thread: bundles are loaded through a namespace of their own, and share this thread's public module. */
function install(publicExports: Readonly<Record<string, unknown>>) {
  Bun.plugin({
    name: 'function bundles',
    setup(build) {
      build.module(publicModule, () => ({ exports: { ...publicExports }, loader: 'object' }))
      build.onLoad({ filter: /./, namespace }, ({ path }) => ({
        contents: texts.get(path) ?? '',
        loader: 'js',
      }))
    },
  })
}

const load = createRequire(import.meta.url)

/**
 * Runs a bundle and gives its default export. The loader forgets it at once, so that the code is collected when
 * nothing refers to it any more.
 * @param id names the module in stack traces: `packets/dhcp@3`
 * @param prelude code that goes before it, a line at most
 */
export async function loadBundle(id: string, text: string, prelude = ''): Promise<Result<unknown>> {
  installed ??= import('../openvnet.ts').then(install)
  await installed
  const specifier = `${namespace}:${id}`
  texts.set(id, withPrelude(prelude, nameSources(id, text)))
  try {
    const module = load(specifier) as { readonly default?: unknown }
    return success(module.default)
  } catch (error) {
    return failure({ what: error instanceof Error ? error.message : String(error), where: id })
  } finally {
    delete load.cache[specifier]
    texts.delete(id)
  }
}

/** Says that the text is JavaScript with its source map; Bun takes the map only where it comes first. */
const pragma = '// @bun\n'

const withPrelude = (prelude: string, text: string): string =>
  text.startsWith(pragma) ? pragma + prelude + text.slice(pragma.length) : prelude + text

const sourceMap = /\/\/# sourceMappingURL=data:application\/json;base64,([A-Za-z0-9+/=]+)\s*$/

/** Puts the version before the sources' names, so that every frame of a stack trace says which version it is of. */
function nameSources(id: string, text: string): string {
  const encoded = sourceMap.exec(text)?.[1]
  if (encoded === undefined) return text
  const map = JSON.parse(Buffer.from(encoded, 'base64').toString()) as { sources: string[] }
  map.sources = map.sources.map((path) => `${id}:${path}`)
  const renamed = Buffer.from(JSON.stringify(map)).toString('base64')
  return text.replace(sourceMap, `//# sourceMappingURL=data:application/json;base64,${renamed}`)
}
