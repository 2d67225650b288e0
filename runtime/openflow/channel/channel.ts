/** The OpenFlow channel: all switches that are dialled or dial in, one session for each datapath that is served. */
import { type Logger, silent } from '../../log.ts'
import { describe, failure, type Problem, type Result, success } from '../../problem.ts'
import type { MessageOf, PortStatus } from '../index.ts'
import { formatAddress, parseAddress } from './address.ts'
import { type Alarm, throttled } from './alarms.ts'
import { type Connection, nobody } from './connection.ts'
import { type Admission, Datapath } from './datapath.ts'
import type { DatapathSession } from './datapath-session.ts'
import { Dialer } from './dialer.ts'
import { errorCodes, helloFailed } from './errors.ts'
import type { Features } from './features.ts'
import { type ChannelLimits, defaultLimits } from './limits.ts'
import { type Listener, listen, tlsHint } from './listener.ts'
import { safely } from './listeners.ts'
import { Lobby } from './lobby.ts'
import type { Peer } from './peer.ts'
import { type ConnectionReport, reportOf } from './report.ts'
import { mayRepresent, readTls, type TlsFiles, type TlsMaterial } from './tls.ts'
import { TlsRenewal } from './tls-renewal.ts'

export interface ChannelOptions {
  /** Addresses for switches that dial in: `tcp:HOST:PORT`, `ssl:HOST:PORT`, `unix:PATH`. */
  readonly listen?: readonly string[]
  /** Switches to dial. */
  readonly dial?: readonly string[]
  /** Needed for `ssl:` addresses of both kinds. */
  readonly tls?: TlsFiles
  /** Decides whether a datapath is served. A connected one that is not stays connected; nothing of it is touched. See `reevaluate`. */
  admit(dpid: string, peer: Peer): Admission
  /**
   * The node that owns a datapath, whose name its certificate may bear in place of the datapath id. Undefined: nobody can tell
   * yet; who needs it is let in, not served, and judged by `reevaluate`.
   */
  ownerOf?(dpid: string): string | null | undefined
  /** A datapath is served from now. Set the session's listeners here. */
  onJoined?(session: DatapathSession): void
  /** It is not any more. */
  onLeft?(session: DatapathSession, problem: Problem): void
  onPortStatus?(session: DatapathSession, message: PortStatus): void
  onFlowRemoved?(session: DatapathSession, message: MessageOf<'OFPT_FLOW_REMOVED'>): void
  /** An error about a message that nobody waited for. */
  onSwitchError?(session: DatapathSession, problem: Problem): void
  /** Somebody claims a datapath id that is not theirs. */
  onAlarm?(alarm: Alarm): void
  readonly limits?: Partial<ChannelLimits>
  readonly log?: Logger
}

const shutDown: Problem = { what: 'the channel is closed', where: 'channel' }
const notWanted: Problem = { what: 'no longer dialled', where: 'channel' }
const notIdentified: Admission = {
  serve: false,
  reason: 'its certificate names a node, and nobody can tell yet which node the datapath is of',
}
const notDecided: Admission = { serve: false, reason: 'the decision failed' }
/** A late timer counts as at most this many ticks: what we did not see must not be held against the switches. */
const ticksAtOnceMax = 2

export class Channel {
  readonly #options: ChannelOptions
  readonly #limits: ChannelLimits
  readonly #log: Logger
  readonly #lobby: Lobby
  readonly #datapaths = new Map<string, Datapath>()
  readonly #dialers = new Map<string, Dialer>()
  readonly #listeners: Listener[] = []
  readonly #raise = throttled((alarm) => this.#alarm(alarm))
  #tls: TlsMaterial | null = null
  #renewal: TlsRenewal | undefined
  #ticker: ReturnType<typeof setInterval> | undefined
  #tickedAt = performance.now()
  #closed = false

  constructor(options: ChannelOptions) {
    this.#options = options
    this.#limits = { ...defaultLimits, ...options.limits }
    this.#log = options.log ?? silent
    this.#lobby = new Lobby(this.#limits, this.#log, {
      identified: (connection, features) => this.#identified(connection, features),
    })
  }

  /** Begins to listen and to dial. Returns the addresses it listens on, with their ports. Fails as a whole, leaving nothing open. */
  async start(): Promise<Result<readonly string[]>> {
    const { tls, listen: addresses = [], dial = [] } = this.#options
    const material = tls === undefined ? null : await readTls(tls)
    if (material?.ok === false) return material
    this.#tls = material?.value ?? null
    this.#ticker = setInterval(() => this.#tick(), this.#limits.tickMs)
    for (const address of addresses) {
      const listening = await this.#listen(address)
      if (!listening.ok) return this.#abandon(listening.problem)
    }
    for (const address of dial) {
      const dialled = this.dial(address)
      if (!dialled.ok) return this.#abandon(dialled.problem)
    }
    if (tls !== undefined && this.#tls !== null) this.#watchTls(tls, this.#tls)
    return success(this.#listeners.map(({ address }) => formatAddress(address)))
  }

  /** Dials a switch, and again whenever it is lost, until `hangUp`. Asking twice for one address is asking once. */
  dial(text: string): Result<void> {
    const address = parseAddress(text)
    if (!address.ok) return address
    if (this.#closed) return failure(shutDown)
    if (address.value.transport === 'ssl' && this.#tls === null) {
      return failure({ what: 'TLS is not set up', where: text, hint: tlsHint })
    }
    const key = formatAddress(address.value)
    if (this.#dialers.has(key)) return success(undefined)
    const dialer = new Dialer(address.value, this.#lobby, this.#limits, () => this.#tls, this.#log)
    this.#dialers.set(key, dialer)
    dialer.start()
    return success(undefined)
  }

  /** Ends the connection to a dialled switch and dials it no more. */
  hangUp(text: string) {
    const address = parseAddress(text)
    if (!address.ok) return
    const key = formatAddress(address.value)
    this.#dialers.get(key)?.stop(notWanted)
    this.#dialers.delete(key)
  }

  /** Asks `admit` again, for one datapath or for all that are connected: call it when what it decides by has changed. */
  reevaluate(dpid?: string) {
    if (dpid !== undefined) this.#datapaths.get(dpid)?.reevaluate()
    else for (const datapath of this.#datapaths.values()) datapath.reevaluate()
  }

  /** The sessions of all datapaths that are served now. */
  sessions(): DatapathSession[] {
    return [...this.#datapaths.values()].flatMap(({ session }) => session ?? [])
  }

  session(dpid: string): DatapathSession | null {
    return this.#datapaths.get(dpid)?.session ?? null
  }

  /** Every connection, in whatever state. */
  connections(): ConnectionReport[] {
    const known = [...this.#datapaths.values()].flatMap((datapath) => datapath.report())
    const identified = new Set(known.map(({ peer }) => peer))
    const others = this.#lobby.connections().filter(({ peer, closed }) => !closed && !identified.has(peer))
    return [...known, ...others.map((connection) => reportOf(connection, null, 'handshake'))]
  }

  /** Ends all connections, listeners and dials. The switches keep their flows. */
  close() {
    if (this.#closed) return
    this.#closed = true
    clearInterval(this.#ticker)
    this.#renewal?.stop()
    for (const dialer of this.#dialers.values()) dialer.stop(shutDown)
    for (const listener of this.#listeners) listener.stop()
    this.#lobby.close(shutDown)
  }

  async #listen(text: string): Promise<Result<void>> {
    const address = parseAddress(text)
    if (!address.ok) return address
    const listener = await listen(address.value, this.#lobby, this.#tls)
    if (!listener.ok) return listener
    this.#listeners.push(listener.value)
    this.#log.info('listening for switches', { address: formatAddress(listener.value.address) })
    return success(undefined)
  }

  #watchTls(files: TlsFiles, material: TlsMaterial) {
    this.#renewal = new TlsRenewal(files, material, this.#log, (renewed) => {
      this.#tls = renewed
      for (const listener of this.#listeners) listener.renew(renewed)
    })
    this.#renewal.start(this.#limits.tlsCheckMs)
  }

  #abandon(problem: Problem): Result<never> {
    this.close()
    return failure(problem)
  }

  #tick() {
    const now = performance.now()
    const elapsedMs = Math.min(now - this.#tickedAt, this.#limits.tickMs * ticksAtOnceMax)
    this.#tickedAt = now
    this.#lobby.tick(elapsedMs)
  }

  #identified(connection: Connection, features: Features) {
    const { datapathId } = features
    if (!this.#mayClaim(connection, datapathId)) return
    const known = this.#datapaths.get(datapathId)
    const datapath = known ?? new Datapath(datapathId, this.#context())
    if (known === undefined) this.#datapaths.set(datapathId, datapath)
    datapath.newcomer(connection, features)
    this.#limitUnserved()
  }

  /** Those whom nobody registered must not take the places of those who are. */
  #limitUnserved() {
    const { unservedDatapathsMax } = this.#limits
    if (this.#datapaths.size <= unservedDatapathsMax) return
    const unserved = [...this.#datapaths.values()].filter(({ served }) => !served)
    if (unserved.length <= unservedDatapathsMax) return
    const expected = `at most ${unservedDatapathsMax}`
    unserved[0]?.dismiss({ what: 'too many datapaths that are not registered', where: 'channel', expected })
  }

  #mayClaim(connection: Connection, dpid: string): boolean {
    const problem = this.#objection(dpid, connection.peer)
    if (problem === undefined) return true
    // That was said; it is no failed handshake besides.
    connection.listener = nobody
    connection.close(problem, helloFailed(errorCodes.helloNotPermitted, problem))
    return false
  }

  /** With TLS the certificate says who may claim which datapath id. Who may not raises an alarm. */
  #objection(dpid: string, peer: Peer): Problem | undefined {
    const identity = this.#identityOf(dpid, peer)
    if (identity === 'right' || identity === 'unknown') return undefined
    this.#raise({ kind: 'identity-mismatch', dpid, peer, problem: identity })
    return identity
  }

  #identityOf(dpid: string, { certificateName }: Peer): 'right' | 'unknown' | Problem {
    const { ownerOf } = this.#options
    const owner = ownerOf === undefined ? null : ownerOf(dpid)
    if (certificateName === null || mayRepresent(certificateName, dpid, owner ?? null)) return 'right'
    if (owner === undefined) return 'unknown'
    const digits = dpid.slice('0x'.length)
    return {
      what: 'the certificate does not name this datapath',
      where: `datapath ${dpid}`,
      expected: owner === null ? `CN=${digits}` : `CN=${digits} or CN=${owner}`,
      received: `CN=${certificateName}`,
    }
  }

  #context() {
    const { admit, onJoined, onLeft, onPortStatus, onFlowRemoved, onSwitchError } = this.#options
    const log = this.#log
    return {
      limits: this.#limits,
      admit: (dpid: string, peer: Peer) =>
        this.#identityOf(dpid, peer) === 'right'
          ? (safely(log, () => admit(dpid, peer)) ?? notDecided)
          : notIdentified,
      objection: (dpid: string, peer: Peer) => this.#objection(dpid, peer),
      joined: (session: DatapathSession) => {
        session.onPortStatus((message) => onPortStatus?.(session, message))
        session.onFlowRemoved((message) => onFlowRemoved?.(session, message))
        session.onError((problem) => onSwitchError?.(session, problem))
        safely(log, () => onJoined?.(session))
      },
      left: (session: DatapathSession, problem: Problem) =>
        void safely(log, () => onLeft?.(session, problem)),
      alarm: this.#raise,
      empty: (dpid: string) => void this.#datapaths.delete(dpid),
    }
  }

  #alarm(alarm: Alarm) {
    this.#log.warn(alarm.kind, {
      dpid: alarm.dpid,
      peer: alarm.peer.address,
      problem: describe(alarm.problem),
    })
    safely(this.#log, () => this.#options.onAlarm?.(alarm))
  }
}

/** A channel that does nothing until `start`. */
export const createChannel = (options: ChannelOptions) => new Channel(options)
