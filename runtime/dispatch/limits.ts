/** Every limit and time-out of the dispatcher, by name, with its unit. */

/** What one event may cost. Above it, the event ends with an outcome and has no effect at all. */
export const eventLimits = {
  /** Of one call of a packet function on the host thread. */
  packetTimeMs: 10,
  /** The same on a machine that lets the host thread run too rarely to tell. */
  packetTimeStarvedMs: 160,
  /** Of one call of an event function on the host thread: `ports-listed` of a full switch is the longest. */
  eventTimeMs: 250,
  /** Of one packet, or of one step of a task. */
  effectsMax: 64,
  /** Of one event of a switch: it may be about many rows. */
  eventEffectsMax: 8_192,
  packetOutsMax: 32,
  /** Of all packet-outs of one event, headers included. */
  packetOutBytesMax: 256 << 10,
  packetWritesMax: 64,
  eventWritesMax: 100_000,
  logLinesMax: 16,
  logLineCharactersMax: 1_024,
  holdTimeoutMsMax: 10_000,
  /** Runs of one event on newer and newer states, after what it read had changed before its commit. */
  conflictRunsMax: 5,
} as const

/** How PACKET_INs are served. */
export const packetLimits = {
  /** PACKET_INs in one guarded call. */
  batchMax: 256,
  /** A batch ends early after this, so that its time-out is that of one event and not of a crowd. */
  batchTimeMs: 2,
  /** The time that PACKET_INs of one chunk may take before the rest of it queues. */
  turnTimeMs: 5,
  /** PACKET_INs of one datapath that wait; above it the oldest of the noisiest port goes. */
  backlogMax: 4_096,
  backlogBytesMax: 4 << 20,
  /** What a port may send in its turn, in bytes of messages. */
  quantumBytes: 2_048,
  /** Packets of one datapath that wait for the commit of their event's writes. */
  commitsPendingMax: 256,
  /** Runs of one event at once with all others, when what they read keeps changing; after that it runs in turn. */
  conflictRunsFreeMax: 2,
  heldPacketsMax: 256,
  /** Of these, from one port: who makes many wait leaves room for others. */
  heldPacketsPerPortMax: 64,
  heldBytesMax: 1 << 20,
} as const

/** How tasks run, and what they may wait for. */
export const taskLimits = {
  /** Of one step on the host thread. */
  stepTimeMs: 20,
  /** Exchanges of one task, one after the other. */
  exchangesMax: 8,
  exchangeTimeMsMax: 5_000,
  messageBytesMax: 4_096,
  /** Longer answers are as good as none. */
  answerBytesMax: 16_384,
  /** Tasks that wait: a socket each. */
  waitingMax: 1_024,
  /** Of these, by one port of a switch, or by one function that no packet made run. */
  waitingPerCallerMax: 32,
} as const

/** What functions remember for each other. */
export const memoryLimits = {
  entriesMax: 8_192,
  bytesMax: 8 << 20,
  /** Of one share: so many of them fill the whole. */
  shareEntriesMax: 1_024,
  shareBytesMax: 1 << 20,
  shareCharactersMax: 128,
  keyCharactersMax: 2_048,
  valueBytesMax: 16_384,
  ttlMsMax: 24 * 3_600_000,
} as const

/** How events of switches and ports are served. */
export const eventQueueLimits = {
  /** Events of one datapath that wait. Above it they are shed, and the datapath is asked for its ports again. */
  perDatapathMax: 8_192,
  /** Pauses between commits that the store could not take. */
  retryDelayMinMs: 50,
  retryDelayMaxMs: 2_000,
  retriesMax: 30,
} as const

/** How schedules run. */
export const scheduleLimits = {
  /** Of one run, which is about all rows that there are; what is above it is left out. */
  effectsMax: 32_768,
  /** Between looks for what is due; a schedule cannot be more frequent. */
  tickMs: 100,
  everyMsMax: 86_400_000,
} as const

/** How failing functions are reported and set aside. */
export const failureLimits = {
  /** Failures of one function are summed up over this, after the first one. */
  reportIntervalMs: 1_000,
  windowMs: 10_000,
  /** Failures within a window that set a version aside, if they are also a tenth of its events. */
  failuresMax: 20,
  failureShareMin: 0.1,
  /** Time-outs within a window that set a version aside: each costs the host thread its whole time, twice. */
  timeoutsMax: 3,
  /** A version that is set aside with no other to serve is tried again after this, doubled up to the maximum. */
  retryDelayMinMs: 1_000,
  retryDelayMaxMs: 60_000,
  /** Lines that one version may log in a second; how many more there were is one line. */
  logLinesPerSecondMax: 100,
  dropReasonsMax: 64,
  metricNamesMax: 64,
} as const

/** How API requests that want the same are told apart. */
export const apiLimits = {
  /** Runs of a request at once with all others; after that it runs in turn. */
  conflictRunsFreeMax: 2,
  /** From a request's arrival until it is given up because others keep changing what it needs. */
  conflictTimeMs: 10_000,
} as const

/** How isolates serve requests. */
export const isolateLimits = {
  count: 2,
  /** Of one request, from when its isolate takes it up to its answer. */
  requestTimeMs: 5_000,
  /** Requests handed to one isolate and not answered. */
  perIsolateMax: 16,
  /** An isolate that works on one request for this long is handed no other. */
  slowMs: 250,
  queueMax: 1_024,
  /** From a request's arrival to its start. */
  queueTimeMs: 10_000,
  /** From its creation until an isolate says that it is ready. */
  startTimeMs: 10_000,
  /** Pauses between replacements of isolates that do not come up. */
  restartDelayMinMs: 10,
  restartDelayMaxMs: 5_000,
  /** Isolates that one request may take down before it is refused. */
  crashesPerRequestMax: 2,
} as const
