/** Every limit and time-out of the channel, by name, with its unit. */

export interface ChannelLimits {
  /** Connections at once, whatever their state. A newcomer above it is closed. */
  readonly connectionsMax: number
  /** Accepted connections that have not told their datapath id yet. Above it the oldest of them is closed. */
  readonly handshakesMax: number
  /** Connected datapaths that are not admitted. Above it the one that has been there longest is disconnected. */
  readonly unservedDatapathsMax: number
  /** From accept or connect to the end of the handshake. */
  readonly handshakeTimeoutMs: number
  /** Until TCP or the unix socket answers a dial. */
  readonly connectTimeoutMs: number
  /** Connections that wait behind a serving one of the same datapath. A newcomer above it is refused. */
  readonly standbysPerDatapathMax: number
  /** How long the serving connection has to prove that it lives when another one for its datapath appears. */
  readonly takeOverProbeMs: number
  /** Silence after which the peer is asked for an echo. */
  readonly echoIntervalMs: number
  /** Silence after which the connection is cut. Any byte from the peer ends the silence. */
  readonly deadMs: number
  /** Resolution of the time-outs above. */
  readonly tickMs: number
  /** Unsent bytes above which reading from a serving connection pauses, until half of it is left. */
  readonly outputPauseBytes: number
  /** The same for a connection that does not serve: only echo replies go there. */
  readonly outputPauseIdleBytes: number
  /** Unsent bytes up to which bundles and other bulk are written; they wait for room above it. */
  readonly outputBulkBytes: number
  /** Unsent bytes above which a message is refused. */
  readonly outputMaxBytes: number
  /** Unsent bytes and none taken by the peer for this long: the connection is cut. */
  readonly stallTimeoutMs: number
  /** How long a connection that we end with an error message may stay open for the peer to read it. */
  readonly lingerMs: number
  readonly requestTimeoutMs: number
  readonly bundleTimeoutMs: number
  /** Requests of one session that wait for a reply. */
  readonly pendingRequestsMax: number
  /** Bundles of one session that run or wait. */
  readonly bundlesMax: number
  readonly bundleMessagesMax: number
  /** All parts of one multipart reply together. */
  readonly multipartBytesMax: number
  readonly portsMax: number
  readonly dialDelayMinMs: number
  /** Unix sockets: on this machine, so asking often costs little and a restarted switch is found at once. */
  readonly dialDelayLocalMaxMs: number
  readonly dialDelayRemoteMaxMs: number
  /** How often it is looked whether key, certificate or authority have been renewed. */
  readonly tlsCheckMs: number
}

export const defaultLimits: ChannelLimits = {
  connectionsMax: 4_096,
  handshakesMax: 1_024,
  unservedDatapathsMax: 1_024,
  handshakeTimeoutMs: 10_000,
  connectTimeoutMs: 5_000,
  standbysPerDatapathMax: 2,
  takeOverProbeMs: 2_000,
  echoIntervalMs: 5_000,
  deadMs: 15_000,
  tickMs: 100,
  outputPauseBytes: 4 << 20,
  outputPauseIdleBytes: 64 << 10,
  outputBulkBytes: 1 << 20,
  outputMaxBytes: 16 << 20,
  stallTimeoutMs: 10_000,
  lingerMs: 500,
  requestTimeoutMs: 5_000,
  bundleTimeoutMs: 60_000,
  pendingRequestsMax: 1_024,
  bundlesMax: 64,
  bundleMessagesMax: 200_000,
  multipartBytesMax: 64 << 20,
  portsMax: 65_536,
  dialDelayMinMs: 50,
  dialDelayLocalMaxMs: 250,
  dialDelayRemoteMaxMs: 8_000,
  tlsCheckMs: 10_000,
}
