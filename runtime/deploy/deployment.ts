import type { LoadedVersion } from '../dispatch/active-function.ts'
import type { FunctionRegistry } from '../dispatch/function-registry.ts'
import { failure, type Problem, type Result, success } from '../problem.ts'
import { type Build, buildFunctions } from './build.ts'
import type { Bundle } from './bundle.ts'
import { loadVersion, type StoredVersion } from './load-version.ts'
import type { VersionStore } from './version-store.ts'

/** Where API functions run; activation there is a matter of all of them at once. */
export interface ApiHost {
  /** From the next request on these serve, all or none. */
  activate(versions: readonly StoredVersion[]): Promise<Result<void>>
}

export interface Swap {
  readonly name: string
  /** `packets/dhcp@4`; undefined: it is gone. */
  readonly to: string | undefined
  /** undefined: the function is new. */
  readonly from: string | undefined
}

export interface DeployReport {
  readonly swaps: readonly Swap[]
  /** What did not build, load or activate; what served before goes on serving. */
  readonly problems: readonly Problem[]
}

const isApi = ({ name }: { readonly name: string }) => name.startsWith('api/')

/** The built-in functions: bundled from their sources, published, loaded and put to service. */
export class Deployment {
  readonly #root: string
  readonly #versions: VersionStore
  readonly #registry: FunctionRegistry
  readonly #api: ApiHost
  /** Names and versions of what serves. */
  readonly #active = new Map<string, StoredVersion>()

  /** @param root the folder `functions/` */
  constructor(root: string, versions: VersionStore, registry: FunctionRegistry, api: ApiHost) {
    this.#root = root
    this.#versions = versions
    this.#registry = registry
    this.#api = api
  }

  /** Those whose content is not what serves. */
  changed(bundles: readonly Bundle[]): readonly Bundle[] {
    return bundles.filter(({ name, digest }) => this.#active.get(name)?.digest !== digest)
  }

  /** What is built is put to service where it differs from what serves. Throws what the store throws. */
  async deploy(build: Promise<Build> = buildFunctions(this.#root)): Promise<DeployReport> {
    const { names, bundles, problems } = await build
    const report = await this.activate(bundles)
    const removed = await this.removeAllBut(names)
    return { swaps: [...report.swaps, ...removed], problems: [...problems, ...report.problems] }
  }

  /** Ends the service of functions that are none of these: their sources are gone. */
  async removeAllBut(names: readonly string[]): Promise<readonly Swap[]> {
    const gone = [...this.#active.values()].filter(({ name }) => !names.includes(name))
    for (const { name } of gone) {
      this.#active.delete(name)
      this.#registry.remove(name)
    }
    if (gone.some(isApi)) await this.#api.activate([...this.#active.values()].filter(isApi))
    return gone.map(({ name, version }) => ({ name, from: `${name}@${version}`, to: undefined }))
  }

  /** Publishes bundles and puts to service those that differ from what serves. Throws what the store throws. */
  async activate(bundles: readonly Bundle[]): Promise<DeployReport> {
    const changed = this.changed(bundles)
    if (changed.length === 0) return { swaps: [], problems: [] }
    const rows = changed.map(({ name, digest, text }) => ({ name, digest, bundle: text }))
    const stored = await this.#versions.publish(rows, Date.now())
    const api = stored.filter(isApi)
    const others = stored.filter((version) => !isApi(version))
    // Flows do not wait for isolates.
    const inIsolates = api.length > 0 ? this.#activateApi(api) : undefined
    const results = await this.#activateOthers(others)
    if (inIsolates !== undefined) results.push(await inIsolates)
    return {
      swaps: results.flatMap((result) => (result.ok ? result.value : [])),
      problems: results.flatMap((result) => (result.ok ? [] : [result.problem])),
    }
  }

  /** Loads all before the first is put to service: what depends on one another changes at one moment. */
  async #activateOthers(stored: readonly StoredVersion[]): Promise<Result<Swap[]>[]> {
    const loaded: Result<LoadedVersion>[] = []
    // One after the other: what it edits of everybody's is each one's own fault.
    for (const version of stored) loaded.push(await loadVersion(version))
    const versions = loaded.flatMap((result) => (result.ok ? [result.value] : []))
    const activated = new Map(
      this.#registry.activateAll(versions).map((result, at) => [versions[at]!, result]),
    )
    return loaded.map((result, at) => {
      if (!result.ok) return result
      const problem = activated.get(result.value)!
      return problem.ok ? success([this.#swapped(stored[at]!)]) : problem
    })
  }

  async #activateApi(stored: readonly StoredVersion[]): Promise<Result<Swap[]>> {
    const all = new Map([...this.#active, ...stored.map((version) => [version.name, version] as const)])
    const activated = await this.#api.activate([...all.values()].filter(isApi))
    return activated.ok
      ? success(stored.map((version) => this.#swapped(version)))
      : failure(activated.problem)
  }

  #swapped(version: StoredVersion): Swap {
    const before = this.#active.get(version.name)
    this.#active.set(version.name, version)
    return {
      name: version.name,
      to: `${version.name}@${version.version}`,
      from: before && `${before.name}@${before.version}`,
    }
  }
}
