/** An error as a value: what went wrong, where, what was expected, what came instead, and what to do about it. */
export interface Problem {
  /** A short sentence. */
  readonly what: string
  /** A path or a place: `flow_mod.match[2]`, `byte 48`, `br0`, `--http`. */
  readonly where: string
  readonly expected?: string
  readonly received?: string
  /** What the reader can do. */
  readonly hint?: string
}

export type Result<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problem: Problem }

export const success = <T>(value: T): Result<T> => ({ ok: true, value })
export const failure = (problem: Problem): Result<never> => ({ ok: false, problem })

/** One line for people. */
export function describe(problem: Problem): string {
  const parts = [`${problem.where}: ${problem.what}`]
  if (problem.expected !== undefined) parts.push(`expected ${problem.expected}`)
  if (problem.received !== undefined) parts.push(`received ${problem.received}`)
  const line = parts.join(', ')
  if (problem.hint === undefined) return line
  return `${line}${/[.?!…]$/.test(line) ? '' : '.'} ${problem.hint}`
}
