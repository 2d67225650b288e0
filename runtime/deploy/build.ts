/** All functions of a folder, bundled: what there is to deploy. */
import type { Problem } from '../problem.ts'
import { type Bundle, bundleFunction } from './bundle.ts'
import { findFunctions } from './function-sources.ts'

export interface Build {
  /** Of all functions that there are sources of. */
  readonly names: readonly string[]
  readonly bundles: readonly Bundle[]
  /** Of those that are not among the bundles. */
  readonly problems: readonly Problem[]
}

/** Bundles every function; a few ms each. `root` is the folder `functions/`. */
export async function buildFunctions(root: string): Promise<Build> {
  const sources = findFunctions(root)
  const results = await Promise.all(sources.map((source) => bundleFunction(root, source)))
  return {
    names: sources.map(({ name }) => name),
    bundles: results.flatMap((result) => (result.ok ? [result.value] : [])),
    problems: results.flatMap((result) => (result.ok ? [] : [result.problem])),
  }
}
