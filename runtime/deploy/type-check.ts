import { existsSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import type { Problem } from '../problem.ts'

/** A type check of the whole project takes this at most; longer, and it is left out. */
const timeoutMs = 20_000
const line = /^(.+?)\((\d+),(\d+)\): error (TS\d+): (.*)$/

/** Why types cannot be checked here; undefined: they can. */
export function typeCheckerProblem(root: string): string | undefined {
  const project = dirname(resolve(root))
  if (!existsSync(join(project, 'tsconfig.json'))) return `there is no tsconfig.json in ${project}`
  return existsSync(compilerOf(project)) ? undefined : 'the package typescript is not installed'
}

const compilerOf = (project: string) => join(project, 'node_modules/.bin/tsc')

/**
 * Checks the types of the project that the folder of functions is in, and gives the errors by source file (absolute
 * path). What is wrong in other folders is others' business, and left out.
 */
export async function typeErrors(root: string): Promise<Map<string, Problem[]>> {
  const project = dirname(resolve(root))
  const errors = new Map<string, Problem[]>()
  if (typeCheckerProblem(root) !== undefined) return errors
  const child = Bun.spawn([compilerOf(project), '--noEmit', '--pretty', 'false', '-p', 'tsconfig.json'], {
    cwd: project,
    stdout: 'pipe',
    stderr: 'ignore',
    timeout: timeoutMs,
  })
  for (const text of (await new Response(child.stdout).text()).split('\n')) {
    const match = line.exec(text)
    if (match === null) continue
    const path = resolve(project, match[1]!)
    if (relative(resolve(root), path).startsWith('..')) continue
    const problem = {
      what: `${match[5]} (${match[4]})`,
      where: `${relative(project, path)}:${match[2]}:${match[3]}`,
    }
    errors.set(path, [...(errors.get(path) ?? []), problem])
  }
  return errors
}
