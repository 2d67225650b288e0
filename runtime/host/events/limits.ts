/** What who listens to events may cost. */
export const eventLimits = {
  /** Streams that are open at once; who comes then is refused. */
  streamsMax: 64,
  /** Events that wait for a reader who is slower than they come; above it the stream is ended. */
  queueEventsMax: 4_096,
  queueCharactersMax: 4 << 20,
  /** A comment is sent when nothing else was for this long, so that both ends know that the other is there. */
  heartbeatMs: 10_000,
  /** What an ended stream still holds is thrown away after this. */
  drainMs: 10_000,
  /** Changes that are read from the feed at once, for a client that resumes. */
  pageChanges: 1_000,
  /** The newest that a client may ask for at once, without what comes. */
  lastMax: 10_000,
  /** What has happened and is not told yet to anybody. */
  pendingMax: 200_000,
  /** Changes that are told in one turn of the host thread. */
  sliceChanges: 200,
  /** How far switches are is told this often at most. */
  progressIntervalMs: 20,
} as const
