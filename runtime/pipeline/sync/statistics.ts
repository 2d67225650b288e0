/** What a synchroniser did since the switch joined. */
export interface SyncStatistics {
  /** Times that the switch was read in order to be brought in step. */
  resyncs: number
  /** Lists of edits that were sent. */
  flushes: number
  edits: number
  /** Units refused, each time that they were. */
  refusals: number
  /** Flows, groups and meters that an audit found different without a reason. */
  drifts: number
  audits: number
}

export const newSyncStatistics = (): SyncStatistics => ({
  resyncs: 0,
  flushes: 0,
  edits: 0,
  refusals: 0,
  drifts: 0,
  audits: 0,
})
