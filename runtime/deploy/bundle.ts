import { dirname, join, relative, resolve, sep } from 'node:path'
import { failure, type Problem, type Result, success } from '../problem.ts'
import type { FunctionSource } from './function-sources.ts'

/** The one module that a bundle may import: the host provides it. */
export const publicModule = 'openvnet'

/** One function with all that it imports, ready to be stored and loaded. */
export interface Bundle {
  readonly name: string
  /** JavaScript with an inline source map, the same for the same sources on every machine. */
  readonly text: string
  /** SHA-256 of the text, hexadecimal. */
  readonly digest: string
  /** Absolute paths of the sources. */
  readonly inputs: readonly string[]
}

export const digestOf = (text: string): string => new Bun.CryptoHasher('sha256').update(text).digest('hex')

interface Metafile {
  readonly inputs: Readonly<Record<string, unknown>>
}

/** Bundles one function. `root` is the folder `functions/`; paths in stack traces are relative to the one above it. */
export async function bundleFunction(root: string, source: FunctionSource): Promise<Result<Bundle>> {
  const base = dirname(resolve(root))
  let built: Bun.BuildOutput & { metafile?: Metafile }
  try {
    built = await Bun.build({
      entrypoints: [source.entry],
      root: base,
      external: [publicModule],
      target: 'bun',
      format: 'esm',
      sourcemap: 'external',
      metafile: true,
      throw: false,
    } as Bun.BuildConfig)
  } catch (error) {
    return failure({ what: String(error), where: source.entry })
  }
  if (!built.success) return failure(buildProblem(source, base, built.logs))
  const code = await built.outputs.find(({ kind }) => kind === 'entry-point')!.text()
  const map = await built.outputs.find(({ kind }) => kind === 'sourcemap')!.text()
  // The bundler names sources relative to the working directory.
  const named = Object.keys(built.metafile?.inputs ?? {})
  const inputs = named.map((path) => resolve(path))
  const problem = inputsProblem(source, resolve(root), inputs) ?? importsProblem(source, code)
  if (problem !== undefined) return failure(problem)
  const text = withSourceMap(withPaths(code, named, base), map, base)
  return success({ name: source.name, text, digest: digestOf(text), inputs })
}

const debugId = /\n\/\/# debugId=[0-9A-F]*\n?/

/** The comment lines that name sources, with paths that are the same wherever the bundle is made. */
function withPaths(code: string, named: readonly string[], base: string): string {
  const comments = new Map(named.map((path) => [`// ${path}`, `// ${relative(base, resolve(path))}`]))
  return code
    .split('\n')
    .map((line) => comments.get(line) ?? line)
    .join('\n')
}

/** The sources' text is left out of the map: positions are all that stack traces need. */
function withSourceMap(code: string, map: string, base: string): string {
  const { version, sources, mappings, names } = JSON.parse(map) as Record<string, unknown> & {
    sources: string[]
  }
  const paths = sources.map((path) => relative(base, resolve(path)))
  const text = JSON.stringify({
    version,
    sources: paths,
    mappings,
    names,
  })
  const encoded = Buffer.from(text).toString('base64')
  return `${code.replace(debugId, '\n')}//# sourceMappingURL=data:application/json;base64,${encoded}\n`
}

function buildProblem(source: FunctionSource, base: string, logs: Bun.BuildOutput['logs']): Problem {
  const log = logs.find(({ level }) => level === 'error') ?? logs[0]
  const position = log?.position
  const where = position
    ? `${relative(base, resolve(position.file))}:${position.line}:${position.column}`
    : source.entry
  const text = position?.lineText ? `${log!.message}\n  ${position.lineText.trim()}` : log?.message
  return { what: text ?? 'the bundler failed', where }
}

/** Functions see the runtime through the public module only; a copy of the runtime inside a bundle would be another one. */
function inputsProblem(source: FunctionSource, root: string, inputs: readonly string[]): Problem | undefined {
  const packages = join(dirname(root), 'node_modules') + sep
  const outside = inputs.find((path) => !path.startsWith(root + sep) && !path.startsWith(packages))
  if (outside === undefined) return undefined
  return {
    what: `${source.name} imports ${relative(dirname(root), outside)}`,
    where: relative(dirname(root), source.entry),
    hint: `Import it from '${publicModule}': functions see the runtime through that module only.`,
  }
}

const transpiler = new Bun.Transpiler({ loader: 'js' })

/** What is left in a bundle after bundling must be the public module, whatever made the bundle. */
export function importsProblem(source: Pick<FunctionSource, 'name'>, code: string): Problem | undefined {
  let imports: { path: string; kind: string }[]
  try {
    imports = transpiler.scanImports(code)
  } catch (error) {
    return {
      what: `the bundle is no module: ${error instanceof Error ? error.message : error}`,
      where: source.name,
    }
  }
  const other = imports.find(({ path }) => path !== publicModule)
  if (other === undefined) return undefined
  return {
    what: `a function cannot import '${other.path}'`,
    where: source.name,
    hint: `Beside what is bundled with it, a function has '${publicModule}' and nothing else.`,
  }
}
