import type { LoadedVersion } from './active-function.ts'
import type { OutcomeCounts } from './outcomes.ts'

/** How a version of a function is doing. */
export interface FunctionFigures {
  /** `packets/dhcp@3` */
  readonly function: string
  readonly outcomes: Readonly<OutcomeCounts>
  /** Of sampled calls, in µs; 0 where there are none. */
  readonly p50Us: number
  readonly p99Us: number
  /** Packets dropped on purpose, by the function's reasons. */
  readonly drops: Readonly<Record<string, number>>
  readonly metrics: Readonly<Record<string, number>>
}

export const figuresOf = ({ id, counts, durations, drops, metrics }: LoadedVersion): FunctionFigures => ({
  function: id,
  outcomes: { ...counts },
  p50Us: durations.percentileUs(0.5),
  p99Us: durations.percentileUs(0.99),
  drops: Object.fromEntries(drops),
  metrics: Object.fromEntries(metrics),
})
