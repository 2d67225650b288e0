import type { LoadedVersion } from '../dispatch/active-function.ts'
import type { FunctionRegistry } from '../dispatch/function-registry.ts'
import { failure, type Problem, type Result, success } from '../problem.ts'
import { type Bundle, bundleFunction } from './bundle.ts'
import { type FunctionSource, findFunctions } from './function-sources.ts'
import { loadVersion, type StoredVersion } from './load-version.ts'
import type { VersionStore } from './version-store.ts'

/** Where API functions run; activation there is a matter of all of them at once. */
export interface ApiHost {
  /** From the next request on these serve, all or none. */
  activate(versions: readonly StoredVersion[]): Promise<Result<void>>
}

export interface Swap {
  readonly name: string
  /** `packets/dhcp@4` */
  readonly to: string
  /** undefined: the function is new. */
  readonly from: string | undefined
}

export interface DeployReport {
  readonly swaps: readonly Swap[]
  /** What did not build, load or activate; what served before goes on serving. */
  readonly problems: readonly Problem[]
}

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

  /** Bundles every function; a few ms each. */
  async build(): Promise<{ readonly bundles: readonly Bundle[]; readonly problems: readonly Problem[] }> {
    const sources = findFunctions(this.#root)
    const results = await Promise.all(
      sources.map((source: FunctionSource) => bundleFunction(this.#root, source)),
    )
    return {
      bundles: results.flatMap((result) => (result.ok ? [result.value] : [])),
      problems: results.flatMap((result) => (result.ok ? [] : [result.problem])),
    }
  }

  /** Those whose content is not what serves. */
  changed(bundles: readonly Bundle[]): readonly Bundle[] {
    return bundles.filter(({ name, digest }) => this.#active.get(name)?.digest !== digest)
  }

  /** Builds, and puts to service what differs from what serves. Throws what the store throws. */
  async deploy(): Promise<DeployReport> {
    const { bundles, problems } = await this.build()
    const report = await this.activate(bundles)
    return { swaps: report.swaps, problems: [...problems, ...report.problems] }
  }

  /** Publishes bundles and puts to service those that differ from what serves. Throws what the store throws. */
  async activate(bundles: readonly Bundle[]): Promise<DeployReport> {
    const changed = this.changed(bundles)
    if (changed.length === 0) return { swaps: [], problems: [] }
    const rows = changed.map(({ name, digest, text }) => ({ name, digest, bundle: text }))
    const stored = await this.#versions.publish(rows, Date.now())
    const api = stored.filter(({ name }) => name.startsWith('api/'))
    const others = stored.filter(({ name }) => !name.startsWith('api/'))
    const results = [
      ...(api.length > 0 ? [await this.#activateApi(api)] : []),
      ...(await this.#activateOthers(others)),
    ]
    return {
      swaps: results.flatMap((result) => (result.ok ? result.value : [])),
      problems: results.flatMap((result) => (result.ok ? [] : [result.problem])),
    }
  }

  /** Loads all before the first is put to service: what follows from one another changes in one turn. */
  async #activateOthers(stored: readonly StoredVersion[]): Promise<Result<Swap[]>[]> {
    const loaded = await Promise.all(stored.map((version) => loadVersion(version)))
    return loaded.map((result, at) => {
      if (!result.ok) return result
      const activated = this.#registry.activate(result.value as LoadedVersion)
      return activated.ok ? success([this.#swapped(stored[at]!)]) : failure(activated.problem)
    })
  }

  async #activateApi(stored: readonly StoredVersion[]): Promise<Result<Swap[]>> {
    const all = new Map([...this.#active].filter(([name]) => name.startsWith('api/')))
    for (const version of stored) all.set(version.name, version)
    const activated = await this.#api.activate([...all.values()])
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
