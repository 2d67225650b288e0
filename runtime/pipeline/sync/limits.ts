/** Every limit and time of the synchroniser, by name, with its unit. */

export interface SyncLimits {
  /** Flows of one bundle: Open vSwitch forwards nothing new while it commits one (half a second for 28,000). */
  readonly bundleFlowsMax: number
  readonly bundleTimeoutMs: number
  readonly readTimeoutMs: number
  /** Readings of a switch for one comparison, while what it is to have keeps changing. */
  readonly readingsMax: number
  readonly barrierTimeoutMs: number
  /** After a resync that failed, the next one waits this long, doubling up to the other. */
  readonly resyncDelayMinMs: number
  readonly resyncDelayMaxMs: number
  /** From one audit to the next, give or take `auditSpread` of it so that a thousand switches are not read at once. */
  readonly auditIntervalMs: number
  readonly auditSpread: number
  /** Flows compared in one turn of the event loop during an audit. */
  readonly auditSliceFlowsMax: number
  /** Requests that wait for a revision to be applied; one more is answered at once as not applied. */
  readonly waitersMax: number
}

export const defaultSyncLimits: SyncLimits = {
  bundleFlowsMax: 4_000,
  bundleTimeoutMs: 30_000,
  readTimeoutMs: 30_000,
  readingsMax: 5,
  barrierTimeoutMs: 10_000,
  resyncDelayMinMs: 200,
  resyncDelayMaxMs: 10_000,
  auditIntervalMs: 60_000,
  auditSpread: 0.25,
  auditSliceFlowsMax: 1_000,
  waitersMax: 10_000,
}
