/** What runs that were killed left behind: namespaces and folders that are named `<prefix><process id>-…`. */
import { existsSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { processStat } from './process-stat.ts'

const namespaceFolder = '/run/netns'

const isAlive = (pid: string | undefined) => pid !== undefined && processStat(pid) !== undefined

/** Removes the namespaces, and the folders in `folder`, of processes that are no more. `prefix` ends with a hyphen, its only one. */
export function removeLeftBehind(prefix: string, folder: string): void {
  const orphans = (place: string) =>
    (existsSync(place) ? readdirSync(place) : []).filter(
      (name) => name.startsWith(prefix) && !isAlive(name.split('-')[1]),
    )
  for (const name of orphans(namespaceFolder)) Bun.spawnSync(['ip', 'netns', 'del', name])
  for (const name of orphans(folder)) rmSync(join(folder, name), { recursive: true, force: true })
}
