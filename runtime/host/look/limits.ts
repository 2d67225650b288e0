/** What looking into switches may cost. */
export const lookLimits = {
  /** Of reading a switch. */
  readTimeoutMs: 10_000,
  /** On the host thread at once, before packets and requests have their turn. */
  sliceMs: 4,
  /** Flows in one answer. */
  flowsMax: 20_000,
} as const

/** Lets others have their turn where the last slice is used up. */
export class Slices {
  #untilMs = performance.now() + lookLimits.sliceMs

  get isOver(): boolean {
    return performance.now() >= this.#untilMs
  }

  async pause(): Promise<void> {
    await new Promise<void>((resolve) => void setImmediate(resolve))
    this.#untilMs = performance.now() + lookLimits.sliceMs
  }
}
