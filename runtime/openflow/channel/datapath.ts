/** All connections of one datapath id: one serves or may not, others wait behind it. */
import { describe, type Problem } from '../../problem.ts'
import type { Alarm } from './alarms.ts'
import { arbitrate, successor } from './arbitration.ts'
import { configure } from './configure.ts'
import type { Connection } from './connection.ts'
import type { DatapathSession } from './datapath-session.ts'
import { errorCodes, helloFailed } from './errors.ts'
import type { Features } from './features.ts'
import type { ChannelLimits } from './limits.ts'
import { identityOf, type Peer } from './peer.ts'
import { type ConnectionReport, reportOf } from './report.ts'
import { Session } from './session.ts'

/** Whether a datapath is served. The reason is for people. */
export type Admission = { readonly serve: true } | { readonly serve: false; readonly reason: string }

export interface DatapathContext {
  readonly limits: ChannelLimits
  admit(dpid: string, peer: Peer): Admission
  /** Why this peer must not claim the datapath, as far as is known now. */
  objection(dpid: string, peer: Peer): Problem | undefined
  joined(session: DatapathSession): void
  left(session: DatapathSession, problem: Problem): void
  alarm(alarm: Alarm): void
  /** The last connection is gone. */
  empty(dpid: string): void
}

interface Link {
  readonly connection: Connection
  readonly features: Features
  readonly peer: Peer
  /** From the beginning of its set-up; null when it waits or may not serve. */
  session: Session | null
  /** Why it may not serve, as it was told last. */
  refusal: string | null
  /** The session was announced. */
  joined: boolean
  /** Transaction ids go on where the last session of this connection stopped: its late replies must find nobody. */
  nextXid: number
}

const firstSessionXid = 16

export class Datapath {
  readonly dpid: string
  readonly #context: DatapathContext
  #serving: Link | null = null
  #waiting: Link[] = []

  constructor(dpid: string, context: DatapathContext) {
    this.dpid = dpid
    this.#context = context
  }

  /** The session that was announced and has not ended. */
  get session(): DatapathSession | null {
    return this.#serving?.joined ? this.#serving.session : null
  }

  /** Whether it was admitted, be it still being set up. */
  get served(): boolean {
    return this.#serving?.session != null
  }

  /** Closes all its connections. */
  dismiss(problem: Problem) {
    for (const link of [...this.#waiting, this.#serving]) if (link !== null) this.#close(link, problem)
  }

  /** What is known of its connections. */
  report(): ConnectionReport[] {
    const waiting = this.#waiting.map(({ connection }) => reportOf(connection, this.dpid, 'standing by'))
    const serving = this.#serving
    if (serving === null) return waiting
    return [
      reportOf(serving.connection, this.dpid, serving.session === null ? 'idle' : 'serving'),
      ...waiting,
    ]
  }

  /** A connection has told this datapath id. */
  newcomer(connection: Connection, features: Features) {
    const link: Link = {
      connection,
      features,
      peer: connection.peer,
      session: null,
      refusal: null,
      joined: false,
      nextXid: firstSessionXid,
    }
    this.#idle(link)
    const serving = this.#serving
    if (serving === null) return this.#install(link)
    const verdict = arbitrate(serving.peer, link.peer)
    if (verdict === 'refuse') return this.#refuse(link, this.#duplicate(serving.peer, link.peer))
    if (verdict === 'standBy') return this.#standBy(link, serving)
    this.#serving = link
    this.#withdraw(serving, {
      what: 'another connection serves now',
      where: this.dpid,
      received: link.peer.address,
    })
    if (verdict === 'takeOver') this.#waiting.push(serving)
    else this.#refuse(serving, this.#duplicate(link.peer, serving.peer))
    this.#install(link)
  }

  /** Asks again whether the datapath may be served, and who may claim it. */
  reevaluate() {
    for (const link of [this.#serving, ...this.#waiting]) {
      const objection = link === null ? undefined : this.#context.objection(this.dpid, link.peer)
      if (objection !== undefined) this.#close(link!, objection)
    }
    const link = this.#serving
    if (link === null) return
    const admission = this.#context.admit(this.dpid, link.peer)
    if (admission.serve && link.session === null) this.#serve(link)
    if (admission.serve) return
    if (link.session !== null)
      this.#withdraw(link, { what: 'no longer served', where: this.dpid, received: admission.reason })
    else this.#refused(link, admission.reason)
  }

  #install(link: Link) {
    this.#serving = link
    const admission = this.#context.admit(this.dpid, link.peer)
    // The callbacks of those who left may have asked again already, or closed this one.
    if (link.session !== null || link.connection.closed) return
    if (admission.serve) return this.#serve(link)
    this.#refused(link, admission.reason)
  }

  /** Said once for each reason, however often it is asked. */
  #refused(link: Link, reason: string) {
    if (link.refusal === reason) return
    link.refusal = reason
    link.connection.log.info('connected, not served', { dpid: this.dpid, reason })
  }

  /** Answers echo, and nothing else. */
  #idle(link: Link) {
    const { connection } = link
    connection.serving = false
    connection.listener = {
      message: () => void connection.statistics.unexpectedMessages++,
      batchEnd() {},
      closed: (problem) => this.#gone(link, problem),
    }
  }

  #serve(link: Link) {
    const { connection, features, nextXid } = link
    const session = new Session(connection, features, this.#context.limits, nextXid, (problem) =>
      this.#gone(link, problem),
    )
    link.session = session
    connection.serving = true
    connection.listener = session
    configure(session).then((configured) => {
      if (session.endedBy !== null) return
      if (!configured.ok) return connection.close(configured.problem)
      link.joined = true
      connection.log.info('datapath joined', { dpid: this.dpid, bundles: session.bundlesSupported })
      this.#context.joined(session)
    })
  }

  /** Ends the link's session, if it has one; the connection stays, idle. */
  #withdraw(link: Link, problem: Problem) {
    const { session, joined } = link
    if (session === null) return
    link.session = null
    link.joined = false
    link.nextXid = session.conversation.exchanges.xids.next()
    this.#idle(link)
    session.end(problem)
    this.#announceLeft(session, joined, problem)
  }

  #standBy(link: Link, serving: Link) {
    if (this.#waiting.length >= this.#context.limits.standbysPerDatapathMax) {
      const expected = `at most ${this.#context.limits.standbysPerDatapathMax}`
      return this.#close(link, {
        what: 'too many connections wait for this datapath',
        where: this.dpid,
        expected,
      })
    }
    this.#waiting.push(link)
    link.connection.log.info('stands by', { dpid: this.dpid, serving: serving.peer.address })
    // A switch that calls again may have lost the connection that we still believe in.
    serving.connection.probe(this.#context.limits.takeOverProbeMs)
  }

  #refuse(link: Link, problem: Problem) {
    this.#context.alarm({ kind: 'duplicate-datapath', dpid: this.dpid, peer: link.peer, problem })
    this.#close(link, problem)
  }

  #close({ connection }: Link, problem: Problem) {
    connection.close(problem, helloFailed(errorCodes.helloNotPermitted, problem))
  }

  #gone(link: Link, problem: Problem) {
    const { session, joined } = link
    link.session = null
    link.joined = false
    this.#waiting = this.#waiting.filter((other) => other !== link)
    link.connection.log.info('disconnected', { dpid: this.dpid, problem: describe(problem) })
    if (session !== null) this.#announceLeft(session, joined, problem)
    if (this.#serving === link) this.#succeed()
    if (this.#serving === null && this.#waiting.length === 0) this.#context.empty(this.dpid)
  }

  #succeed() {
    this.#serving = null
    const next = successor(this.#waiting)
    if (next === undefined) return
    this.#waiting = this.#waiting.filter((other) => other !== next)
    this.#install(next)
  }

  #announceLeft(session: Session, joined: boolean, problem: Problem) {
    if (joined) this.#context.left(session, problem)
  }

  #duplicate(serving: Peer, refused: Peer): Problem {
    return {
      what: 'this datapath id belongs to another switch that is connected',
      where: `datapath ${this.dpid}`,
      expected: identityOf(serving).name,
      received: `${identityOf(refused).name} from ${refused.address}`,
    }
  }
}
