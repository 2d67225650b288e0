/** What a request is for: the path without prefix and suffix, the representation, the query. */
import type { Representation } from './represent.ts'

export interface Target {
  /** Relative to the API: `/networks/nw-a`. */
  readonly path: string
  readonly representation: Representation
  /** The suffix names the representation. */
  readonly explicit: boolean
  /** Without the question mark. */
  readonly query: string
}

const prefix = /^\/api(?:\/1\.0)?(?=\/|$)/

const suffixes: ReadonlyMap<string, Representation> = new Map([
  ['json', 'json'],
  ['yml', 'yaml'],
  ['yaml', 'yaml'],
])

/**
 * Splits a target; undefined: it is not under `/api`. The last `.xxx` of a path is its suffix, as in OpenVNet; slashes at
 * the end count for nothing.
 */
export function parseTarget(target: string): Target | undefined {
  const [whole = '', query = ''] = splitOnce(target, '?')
  const under = prefix.exec(whole)
  if (under === null) return undefined
  const path = whole.slice(under[0].length).replace(/(?<!\/)\/+$/, '') || '/'
  const suffix = /\.([^./]*)$/.exec(path)
  const named = suffixes.get(suffix?.[1] ?? '')
  return {
    path: suffix === null ? path : path.slice(0, suffix.index),
    representation: named ?? 'json',
    explicit: named !== undefined,
    query,
  }
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator)
  return at === -1 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)]
}
