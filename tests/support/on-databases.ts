/** Which test files may give something else on another database: what they import, or start as a program, asks for it. */
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'

const root = resolve(import.meta.dir, '../..')
const folders = 'bench,cli,db,docs,functions,runtime,tests'
/** Where the suite says which database it is to run on. */
const variable = /process\.env(\.|\[')VNET_TEST_DB/
/**
 * Labs follow packets through switches, which takes long, and no packet knows what the state lies in: of them these run on
 * each database, where hosts come and go, many change the state at once, or everything is there together.
 */
const labs = /^tests\/lab\//
export const labsOnDatabases = [
  ...['any-order', 'datacenter', 'dhcp', 'dry-run', 'either-order', 'events', 'lease-policies', 'no-state'],
  ...['router-failover', 'router-hosts', 'security-groups', 'topologies', 'translated-connections'],
  ...['vlan-failover', 'way-out'],
].map((name) => `tests/lab/${name}.lab.test.ts`)
/** What these describe is left out where the database is a file. */
const ofServers = /describeWithServer/
const openvnet = join(root, 'runtime/openvnet.ts')

/** Every text in quotes that is the path of a module from there: imports, workers, and programs that are started. */
function named(file: string, source: string): string[] {
  const texts = [...source.matchAll(/'([^'\n]+\.ts|openvnet)'/g)].map(([, text]) => text!)
  return texts
    .map((text) => (text === 'openvnet' ? openvnet : resolve(dirname(file), text)))
    .filter((path) => existsSync(path))
}

class Modules {
  readonly #known = new Map<string, { asks: boolean; names: readonly string[] }>()

  #of(file: string) {
    let known = this.#known.get(file)
    if (known === undefined) {
      const source = readFileSync(file, 'utf8')
      known = { asks: variable.test(source), names: named(file, source) }
      this.#known.set(file, known)
    }
    return known
  }

  /** Whether it, or anything behind it, asks for the database. */
  ask(file: string): boolean {
    const reached = new Set([file])
    // A set hands out what is added while it is gone through.
    for (const one of reached) {
      const { asks, names } = this.#of(one)
      if (asks) return true
      for (const name of names) reached.add(name)
    }
    return false
  }
}

const isOfServers = (file: string) => ofServers.test(readFileSync(join(root, file), 'utf8'))

/** Their paths from the project's folder, sorted. */
export function testsOnDatabases(): string[] {
  const modules = new Modules()
  const files = [...new Bun.Glob(`{${folders}}/**/*.test.ts`).scanSync({ cwd: root, absolute: true })]
  return files
    .filter((file) => modules.ask(file))
    .map((file) => relative(root, file))
    .filter((file) => !labs.test(file) || labsOnDatabases.includes(file) || isOfServers(file))
    .sort()
}
