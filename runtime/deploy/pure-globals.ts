/**
 * What functions of the host thread see instead of some globals. Time, chance and the outside world come as arguments:
 * that is what makes a run repeatable, and code that outlives its call could not be guarded. Not a sandbox: it keeps
 * honest code honest.
 */
const refuse = (name: string, instead: string) => () => {
  throw new Error(`functions have no ${name}: ${instead}`)
}

const later = 'their work ends with their call'
const outside = 'they return effects'

class PureDate extends Date {
  constructor(...parts: [] | [number | string | Date] | [number, number, ...number[]]) {
    if (parts.length === 0) refuse('new Date()', 'use env.now')()
    super(...(parts as [number]))
  }
  static override now = refuse('Date.now()', 'use env.now') as () => number
}

const own = Object.getOwnPropertyDescriptors(Math)
const pureMath = Object.freeze(
  Object.create(Object.prototype, {
    ...own,
    random: { value: refuse('Math.random()', 'use env.random()') },
  }),
)

const globals: Readonly<Record<string, unknown>> = Object.freeze({
  Date: PureDate,
  Math: pureMath,
  fetch: refuse('fetch', outside),
  setTimeout: refuse('setTimeout', later),
  setInterval: refuse('setInterval', later),
  setImmediate: refuse('setImmediate', later),
  queueMicrotask: refuse('queueMicrotask', later),
  Promise: Object.assign(refuse('Promise', later), {
    resolve: refuse('Promise.resolve', later),
    reject: refuse('Promise.reject', later),
  }),
  Worker: refuse('Worker', later),
  WebSocket: refuse('WebSocket', outside),
  require: refuse('require', 'what they import is bundled with them'),
  performance: undefined,
  process: undefined,
  Bun: undefined,
  globalThis: undefined,
  self: undefined,
})

// A name of its own: what takes it cannot reach it through `globalThis`, which it shadows.
const key = '__vnetPureGlobals'
Object.defineProperty(globalThis, key, { value: globals, writable: false, configurable: false })

const names = Object.keys(globals)
const declares = (code: string, name: string) =>
  new RegExp(`\\b(function|class|const|let|var)\\s+${name}\\b`).test(code)

/** Goes before a bundle's first line of code, and adds none, so that positions stay as they are. What the bundle names so itself is its own. */
export const pureGlobalsPrelude = (code: string): string =>
  `const {${names.filter((name) => !declares(code, name)).join(',')}}=${key};`

const quoted = /'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`|\/\/.*|\/\*[\s\S]*?\*\//g
const asynchronous = /(?<![.\w$#])(?:async(?:\s+[\w$[*]+|\s*\()|await\b(?!\s*:))/

/** Code that would go on after its call, where no guard stops it; undefined: there is none that one sees. */
export const asynchronousCode = (code: string): string | undefined =>
  asynchronous.exec(code.replace(quoted, '""'))?.[0]
