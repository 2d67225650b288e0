/** Switches that are connected: which are served, and what connects them with flows, packets and events. */
import type { Row } from '../../db/state/types.ts'
import type { PacketDispatcher } from '../dispatch/packet-dispatcher.ts'
import type { Logger } from '../log.ts'
import { Repeats } from '../log-repeats.ts'
import {
  type Admission,
  type Channel,
  createChannel,
  type DatapathSession,
} from '../openflow/channel/index.ts'
import type { PortStatus } from '../openflow/index.ts'
import type { FlowSync } from '../pipeline/sync/flow-sync.ts'
import { sessionPort } from '../pipeline/sync/session-port.ts'
import { describe, type Problem } from '../problem.ts'
import { bootstrapUplink } from './bootstrap.ts'
import type { Bridges, UplinkPort } from './bridges.ts'
import { EffectSession } from './caches/effect-session.ts'
import { Caches, withFreshCaches } from './caches/fresh-caches.ts'
import { clearSwitch } from './clear-switch.ts'
import type { HostConfig } from './config.ts'
import type { NetworkState } from './network-state.ts'
import { switchPortOf } from './port-name.ts'
import { type Telling, tellPlaces } from './tell-places.ts'

/** What a served switch needs that only a host with its state has. */
export interface Service extends Telling {
  readonly state: NetworkState
  readonly packets: PacketDispatcher
}

export interface SwitchesOptions {
  readonly config: Pick<HostConfig, 'openflow' | 'switches' | 'tls'>
  readonly log: Logger
  readonly bridges: () =>
    | Pick<Bridges, 'bootstrapPort' | 'has' | 'hasTunnelPortsLeft' | 'isSecure' | 'knows' | 'tellPorts'>
    | undefined
}

/** The ports of a switch that joins are waited for at most this long: the database may be away. */
const portsPatienceMs = 2_000
/** How often it is looked whether the state knows the uplink of a switch by now. */
const uplinkCheckMs = 100

interface Served {
  readonly session: DatapathSession
  readonly sync: FlowSync
  readonly effects: EffectSession
  /** Takes the switch's packets from the dispatcher. */
  detachPackets(): void
  readonly datapathId: number
}

export class Switches {
  readonly channel: Channel
  readonly #options: SwitchesOptions
  readonly #served = new Map<string, Served>()
  /** What is still on its way to a switch, and is to be there before it is read. */
  readonly #underWay = new WeakMap<DatapathSession, Promise<unknown>>()
  /** Who waits to serve a session, at last: any other gives up. */
  readonly #waiting = new WeakMap<DatapathSession, object>()
  /** Those whose datapath is deleted. */
  readonly #cleared = new WeakSet<DatapathSession>()
  readonly #errors = new Repeats()
  #service: Service | undefined

  constructor(options: SwitchesOptions) {
    const { config, log } = options
    this.#options = options
    this.channel = createChannel({
      listen: config.openflow,
      dial: config.switches,
      ...(config.tls === null ? {} : { tls: config.tls }),
      log,
      admit: (dpid) => this.#admit(dpid),
      ownerOf: (dpid) =>
        this.#service && (this.#service.state.view.datapaths.one('dpid', dpid)?.node_id ?? null),
      onJoined: (session) => this.#joined(session),
      onLeft: (session, problem) => this.#left(session, problem),
      onPortStatus: (session, message) => this.#portStatus(session, message),
      onSwitchError: ({ dpid }, problem) =>
        this.#errors.tell(dpid, (times) =>
          log.warn('a switch reports an error', { dpid, problem: describe(problem), times }),
        ),
    })
  }

  /** From now on registered switches are served. */
  serve(service: Service): void {
    this.#service = service
    // Who was let in for its uplink alone begins anew.
    for (const session of this.channel.sessions()) this.#joined(session)
    this.channel.reevaluate()
  }

  /** From now on nobody is served: sessions and flows stay as they are, for who serves next. */
  unserve(): void {
    this.#service = undefined
    for (const { detachPackets } of this.#served.values()) detachPackets()
    this.#served.clear()
  }

  /** Datapaths were registered or deleted: switches that are connected begin anew where that is about theirs. */
  registrationsChanged(): void {
    for (const session of this.channel.sessions()) this.#reconsider(session)
    this.channel.reevaluate()
  }

  #reconsider(session: DatapathSession): void {
    const { dpid } = session
    const state = this.#service?.state
    if (state === undefined) return
    const row = state.find(dpid)
    const served = this.#served.get(dpid)
    const isCleared = this.#cleared.has(session)
    const isAsBefore =
      row === undefined
        ? isCleared || state.deleted(dpid) === undefined
        : served === undefined
          ? !isCleared
          : served.datapathId === row.id
    if (isAsBefore) return
    if (served !== undefined) {
      this.#served.delete(dpid)
      served.detachPackets()
      this.#underWay.set(session, served.sync.idle)
    }
    this.#cleared.delete(session)
    // What was known of them went with the row.
    if (row !== undefined) this.#options.bridges()?.tellPorts(dpid)
    this.#joined(session)
  }

  isServed(dpid: string): boolean {
    return this.#served.has(dpid)
  }

  get(dpid: string): Pick<Served, 'session' | 'sync'> | undefined {
    return this.#served.get(dpid)
  }

  /** Where effects for a datapath are sent; null: its switch is not connected. */
  effectsTo(dpid: string): Pick<EffectSession, 'packetOut' | 'endedBy'> | null {
    return this.#served.get(dpid)?.effects ?? this.channel.session(dpid)
  }

  /** Tells all ports again, of a switch whose ports only OpenFlow tells of. */
  tellPorts(dpid: string): void {
    const session = this.#served.get(dpid)?.session
    if (session !== undefined && !this.#options.bridges()?.knows(dpid)) this.#listPorts(session)
  }

  /** The switch has thrown its flows away: it is read and filled again. */
  resync(dpid: string): void {
    const served = this.#served.get(dpid)
    if (served !== undefined) this.#serve(served.session)
  }

  #admit(dpid: string): Admission {
    const { bridges } = this.#options
    if (this.#service === undefined) {
      const uplink = bridges()?.bootstrapPort(dpid) ?? null
      return uplink === null ? { serve: false, reason: 'the database is not reached yet' } : { serve: true }
    }
    const { state } = this.#service
    const row = state.find(dpid)
    if (row === undefined && state.deleted(dpid) !== undefined) return { serve: true }
    if (row === undefined) {
      const isKnown = state.view.datapaths.one('dpid', dpid) !== undefined
      const reason = isKnown
        ? 'its datapath is of another node, or another host serves it with newer flow functions'
        : 'no datapath with this id is registered'
      return { serve: false, reason }
    }
    const secure = bridges()?.isSecure(dpid)
    if (secure === true || (secure === undefined && row.trusted_fail_mode)) return { serve: true }
    const reason =
      secure === undefined && !bridges()?.has(dpid)
        ? `its OVSDB is not known, so nobody can tell whether it drops what it has no flow for; if it does, set trusted_fail_mode on ${row.uuid}`
        : 'its bridge is not adopted yet, or its fail_mode not secure yet'
    return { serve: false, reason }
  }

  #joined(session: DatapathSession): void {
    const { dpid } = session
    if (this.#service === undefined) {
      const port = this.#options.bridges()?.bootstrapPort(dpid) ?? null
      if (port !== null)
        this.#underWay.set(session, bootstrapUplink(session, port.portNumber, this.#options.log))
      return
    }
    const deleted = this.#service.state.deleted(dpid)
    if (deleted !== undefined) {
      this.#clear(session, deleted, this.#service)
      return
    }
    if (!this.#options.bridges()?.knows(dpid)) this.#listPorts(session)
    // Events of a datapath come in order: after this one, the state knows the ports that were told before.
    void this.#serveLater(session, this.#service.event({ type: 'datapath-joined', dpid }))
  }

  #clear(session: DatapathSession, deleted: Row<'deletedDatapaths'>, { state, event }: Service): void {
    const { dpid } = session
    const { bridges, log } = this.#options
    this.#cleared.add(session)
    const before = this.#underWay.get(session) ?? Promise.resolve()
    const clearing = {
      ...{ state, deleted, log },
      uplink: bridges()?.bootstrapPort(dpid) ?? null,
      hasTunnelPorts: () => bridges()?.hasTunnelPortsLeft(dpid) ?? false,
    }
    const cleared = before.then(() => clearSwitch(session, clearing))
    this.#underWay.set(session, cleared)
    void cleared.then((isDone) => {
      if (isDone) void event({ type: 'datapath-cleared', dpid, deletedId: deleted.id })
    })
  }

  /**
   * Serves a switch once the state knows its ports, or it has taken too long. Without its uplink the flows of the state
   * would cut the way to a database behind it, for good: then it has the flows of the bootstrap until the port is known.
   */
  async #serveLater(session: DatapathSession, portsKnown: Promise<void>): Promise<void> {
    const service = this.#service
    const { dpid } = session
    const waiting = {}
    this.#waiting.set(session, waiting)
    const isNewest = () => this.#waiting.get(session) === waiting
    await Promise.race([portsKnown, Bun.sleep(portsPatienceMs)])
    // What is still on its way there would come after the switch was read, and stay.
    await this.#underWay.get(session)
    const uplink = isNewest() ? this.#unknownUplink(session) : null
    if (uplink !== null) {
      this.#options.log.warn('a switch waits until the state knows its uplink', { dpid, ...uplink })
      await bootstrapUplink(session, uplink.portNumber, this.#options.log)
      while (isNewest() && this.#unknownUplink(session) !== null) await Bun.sleep(uplinkCheckMs)
    }
    // Who serves now, or knows the datapath anew, has begun with the switch by itself.
    if (this.#service !== service || !isNewest()) return
    this.#serve(session)
    const served = this.#served.get(dpid)
    if (service === undefined || served === undefined) return
    await tellPlaces(service, served.datapathId, () => this.#served.get(dpid) === served)
  }

  /** The physical port that a connected switch has and the state does not know, or knows by another number. */
  #unknownUplink(session: DatapathSession): UplinkPort | null {
    const { dpid } = session
    const state = this.#service?.state
    const row = state?.find(dpid)
    if (state === undefined || row === undefined || this.channel.session(dpid) !== session) return null
    const uplink = this.#options.bridges()?.bootstrapPort(dpid) ?? null
    const known = uplink && state.view.activePorts.one('name', row.id, uplink.portName)
    return known?.port_number === uplink?.portNumber ? null : uplink
  }

  #serve(session: DatapathSession): void {
    const { dpid } = session
    const row = this.#service?.state.find(dpid)
    if (this.#service === undefined || row === undefined || this.channel.session(dpid) !== session) return
    const { state, packets } = this.#service
    this.#served.get(dpid)?.detachPackets()
    const caches = new Caches(session.peer.address, this.#options.log)
    const port = withFreshCaches(sessionPort(session), caches)
    const sync = state.hub.join(row.id, port, state.view.revision)
    const effects = new EffectSession(session, caches)
    const detachPackets = packets.attach(session)
    this.#served.set(dpid, { session, sync, effects, detachPackets, datapathId: row.id })
    this.#options.log.info('switch served', { dpid, datapath: row.uuid, peer: session.peer.address })
  }

  #left(session: DatapathSession, problem: Problem): void {
    const served = this.#served.get(session.dpid)
    if (served?.session !== session) return
    this.#served.delete(session.dpid)
    served.detachPackets()
    this.#service?.state.hub.leave(served.datapathId, served.sync)
    this.#options.log.info('switch gone', { dpid: session.dpid, problem: describe(problem) })
    void this.#service?.event({ type: 'datapath-left', dpid: session.dpid })
  }

  #listPorts(session: DatapathSession): void {
    const ports = [...session.ports.values()].map(switchPortOf)
    void this.#service?.event({ type: 'ports-listed', dpid: session.dpid, ports })
  }

  #portStatus(session: DatapathSession, { reason, desc }: PortStatus): void {
    const { dpid } = session
    if (this.#service === undefined || this.#options.bridges()?.knows(dpid)) return
    const port = switchPortOf(desc)
    const { portNumber, portName } = port
    if (reason === 'OFPPR_DELETE')
      void this.#service.event({ type: 'port-removed', dpid, portNumber, portName })
    else void this.#service.event({ type: 'port-added', dpid, ...port })
  }
}
