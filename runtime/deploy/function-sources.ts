import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

export type FunctionKind = 'packet' | 'event' | 'task' | 'schedule' | 'api' | 'flows'

/** Where the source of a function lies. */
export interface FunctionSource {
  /** `packets/dhcp`, or `flows`. */
  readonly name: string
  readonly kind: FunctionKind
  /** Absolute path of the module with the function as its default export. */
  readonly entry: string
}

const folders = {
  packets: 'packet',
  events: 'event',
  tasks: 'task',
  schedules: 'schedule',
  api: 'api',
} as const

function* inFolder(root: string, folder: keyof typeof folders): Generator<FunctionSource> {
  const path = join(root, folder)
  if (!existsSync(path)) return
  const entries = readdirSync(path, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))
  for (const { name } of entries.filter((entry) => entry.isDirectory())) {
    const entry = join(path, name, `${name}.ts`)
    // A folder without a module of its own name holds what functions share.
    if (existsSync(entry)) yield { name: `${folder}/${name}`, kind: folders[folder], entry }
  }
}

/**
 * Finds the functions under a folder: `packets/NAME/NAME.ts`, and the same under `events`, `tasks`, `schedules` and `api`, are one
 * each; `flows/flows.ts` (or `flows/index.ts`), the pipeline with all flow functions, is another.
 */
export function findFunctions(root: string): FunctionSource[] {
  const found = (Object.keys(folders) as (keyof typeof folders)[]).flatMap((folder) => [
    ...inFolder(root, folder),
  ])
  const flows = ['flows/flows.ts', 'flows/index.ts']
    .map((path) => join(root, path))
    .find((path) => existsSync(path))
  return flows === undefined ? found : [...found, { name: 'flows', kind: 'flows', entry: flows }]
}
