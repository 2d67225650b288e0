import { type FSWatcher, watch } from 'node:fs'
import { resolve } from 'node:path'
import { describe, type Problem } from '../problem.ts'
import { buildFunctions } from './build.ts'
import type { Bundle } from './bundle.ts'
import type { Deployment, Swap } from './deployment.ts'
import { typeCheckerProblem, typeErrors } from './type-check.ts'

/** Editors write a file in several steps, and people save several files at once. */
const quietMs = 60
const test = /\.test\.ts$/

export interface WatchOptions {
  /** The folder `functions/`. */
  readonly root: string
  readonly deployment: Deployment
  /** One line for people. */
  readonly print: (line: string) => void
  /** Off: what does not type-check is swapped in all the same. */
  readonly checkTypes?: boolean
}

/** Ends the watching. */
export type Unwatch = () => void

/**
 * Watches the functions' sources and swaps what changed while everything goes on. What does not build, type-check or
 * load is printed with its place; its old version stays.
 */
export function watchFunctions(options: WatchOptions): Unwatch {
  const watcher = new SourceWatcher(options)
  return () => watcher.close()
}

class SourceWatcher {
  readonly #options: WatchOptions
  readonly #watcher: FSWatcher
  #timer: ReturnType<typeof setTimeout> | undefined
  #working = false
  #again = false
  #closed = false

  constructor(options: WatchOptions) {
    this.#options = options
    this.#watcher = watch(options.root, { recursive: true }, (_, path) => {
      if (path?.endsWith('.ts') && !test.test(path)) this.#changed()
    })
    const unchecked = this.#checksTypes ? typeCheckerProblem(options.root) : undefined
    if (unchecked !== undefined) options.print(`types are not checked: ${unchecked}`)
  }

  close() {
    this.#closed = true
    clearTimeout(this.#timer)
    this.#watcher.close()
  }

  get #checksTypes(): boolean {
    return this.#options.checkTypes !== false
  }

  #changed() {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => void this.#work(), quietMs)
  }

  async #work() {
    if (this.#working) {
      this.#again = true
      return
    }
    this.#working = true
    do {
      this.#again = false
      try {
        await this.#redeploy()
      } catch (error) {
        this.#options.print(`not swapped: ${error instanceof Error ? error.message : error}`)
      }
    } while (this.#again && !this.#closed)
    this.#working = false
  }

  async #redeploy() {
    const { deployment, root } = this.#options
    const began = performance.now()
    const { names, bundles, problems } = await buildFunctions(root)
    const changed = deployment.changed(bundles)
    const builtMs = performance.now() - began
    for (const problem of problems) this.#refuse(problem)
    const removed = await deployment.removeAllBut(names)
    for (const { from } of removed) this.#options.print(`${from} is gone`)
    if (changed.length === 0) {
      // Who saves wants to know that it was seen, also where only types or white space changed.
      if (problems.length === 0 && removed.length === 0)
        this.#options.print('nothing to swap: what serves is what the sources say')
      return
    }
    const sound = await this.#typeChecked(changed)
    if (sound.length === 0 || this.#closed) return
    const swapping = performance.now()
    const report = await deployment.activate(sound)
    const swapMs = performance.now() - swapping
    for (const problem of report.problems) this.#refuse(problem)
    if (report.swaps.length > 0) this.#options.print(summary(report.swaps, builtMs, swapMs))
  }

  #refuse(problem: Problem) {
    this.#options.print(`not swapped: ${describe(problem)}`)
  }

  /** Those whose sources have no type error. */
  async #typeChecked(bundles: readonly Bundle[]): Promise<Bundle[]> {
    if (!this.#checksTypes) return [...bundles]
    this.#options.print(`checking the types of ${bundles.map(({ name }) => name).join(', ')} …`)
    const errors = await typeErrors(this.#options.root)
    const printed = new Set<string>()
    return bundles.filter(({ inputs }) => {
      const own = inputs.flatMap((path) => errors.get(resolve(path)) ?? [])
      for (const problem of own) {
        if (!printed.has(problem.where)) this.#refuse(problem)
        printed.add(problem.where)
      }
      return own.length === 0
    })
  }
}

const summary = (swaps: readonly Swap[], builtMs: number, swapMs: number) =>
  `${swaps.map(({ from, to }) => `${from ?? 'new'} → ${to}`).join(', ')}: built in ${builtMs.toFixed(0)} ms, swapped in ${swapMs.toFixed(1)} ms`
