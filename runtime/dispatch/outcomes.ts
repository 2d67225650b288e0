/** How an event ended: a closed list, so that nothing is dropped silently. */
export const outcomes = [
  'ok',
  'exception',
  'exceededTime',
  'exceededMemory',
  'invalidEffects',
  'noFunction',
  'loadShed',
  'switchGone',
] as const

export type Outcome = (typeof outcomes)[number]

/** Outcomes that are the function's own doing, and count against its version. */
export const isFailure = (outcome: Outcome): boolean =>
  outcome === 'exception' ||
  outcome === 'exceededTime' ||
  outcome === 'exceededMemory' ||
  outcome === 'invalidEffects'

export type OutcomeCounts = { -readonly [O in Outcome]: number }

export const noOutcomes = (): OutcomeCounts => ({
  ok: 0,
  exception: 0,
  exceededTime: 0,
  exceededMemory: 0,
  invalidEffects: 0,
  noFunction: 0,
  loadShed: 0,
  switchGone: 0,
})
