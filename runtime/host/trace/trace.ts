/** The way of a packet from an interface to wherever it ends, over every datapath that it passes. */
import type { Row } from '../../../db/state/types.ts'
import type { Trace, TraceEnd, TraceHop, TraceStep } from '../../http/answers/trace.ts'
import { ApiError, argumentError } from '../../http/errors.ts'
import type { Flow } from '../../pipeline/flow.ts'
import { flowParts } from '../../pipeline/text.ts'
import type { Behind, Entrance, Wiring } from '../../pipeline/wiring.ts'
import { Slices } from '../look/limits.ts'
import type { NetworkState } from '../network-state.ts'
import { type CtVerdict, type SaidConnection, saidConnection } from './conntrack.ts'
import { FlowTables } from './flow-tables.ts'
import { Packet } from './packet.ts'
import { packetText, parsePacket } from './packet-text.ts'
import { type End, type Step, walk } from './walk.ts'

/** Datapaths that one packet, with all of its copies, is followed through. */
const hopsMax = 64

export interface TraceRequest {
  readonly interfaceUuid: string
  readonly packet: string
  readonly verdicts: readonly CtVerdict[]
}

export interface TraceSources {
  readonly state: Pick<NetworkState, 'view' | 'engine' | 'names' | 'wiring'>
  /** Flows that a switch has learned; undefined: it is not connected here. */
  readonly learned: (dpid: string, table: number) => Promise<readonly Flow[] | undefined>
}

interface Arrival {
  readonly entrance: Entrance
  readonly packet: Packet
}

class Tracing {
  readonly #sources: TraceSources
  readonly #wiring: Wiring
  readonly #verdicts: readonly CtVerdict[]
  readonly #connection: SaidConnection
  readonly #tables = new Map<number, FlowTables>()
  readonly #notes = new Set<string>()
  readonly #arrivals: Arrival[] = []
  readonly #delivered = new Set<string>()

  constructor(
    sources: TraceSources,
    wiring: Wiring,
    { verdicts, connection }: Pick<TraceRequest, 'verdicts'> & { readonly connection: SaidConnection },
  ) {
    this.#sources = sources
    this.#wiring = wiring
    this.#verdicts = verdicts
    this.#connection = connection
  }

  async run(interfaceUuid: string, first: Arrival): Promise<Trace> {
    const { view } = this.#sources.state
    const hops: TraceHop[] = []
    this.#arrivals.push(first)
    // A list hands out what is added while it is gone through.
    for (const arrival of this.#arrivals) {
      if (hops.length >= hopsMax) {
        this.#notes.add(`more than ${hopsMax} datapaths: not followed any further`)
        break
      }
      hops.push(await this.#hop(arrival))
    }
    return {
      ...{ revision: view.revision, interface_uuid: interfaceUuid, packet: packetText(first.packet), hops },
      delivered_to: [...this.#delivered],
      notes: [...this.#notes],
    }
  }

  async #hop({ entrance, packet }: Arrival): Promise<TraceHop> {
    const { datapathId, port } = entrance
    const row = this.#sources.state.view.datapaths.get(datapathId)!
    const tables = await this.#tablesOf(row)
    const { steps, ends, notes } = await walk(packet, {
      ...{ tables, verdicts: this.#verdicts, connection: this.#connection },
      groupName: (id) => this.#sources.state.names().names.objectOf?.('group', id) ?? String(id),
    })
    return {
      ...{
        datapath_uuid: row.uuid,
        port,
        port_name: this.#portName(datapathId, port),
        packet: packetText(packet),
      },
      steps: steps.map((step) => this.#step(step)),
      ends: ends.map((end) => this.#end(datapathId, end)),
      notes,
    }
  }

  #portName(datapathId: number, port: number): string | null {
    return this.#sources.state.view.activePorts.one('number', datapathId, port)?.port_name ?? null
  }

  /** Of a datapath that another host serves they are computed for this, in slices. */
  async #tablesOf({ id, uuid, dpid }: Row<'datapaths'>): Promise<FlowTables> {
    const known = this.#tables.get(id)
    if (known !== undefined) return known
    const { state } = this.#sources
    const { engine, view } = state
    let desired = engine.desired(id)
    if (desired === undefined) {
      const steps = engine.whatIf(id, { state: view, affected: [] })
      const slices = new Slices()
      for (let one = steps.next(); ; one = steps.next()) {
        if (one.done) {
          desired = one.value.held
          break
        }
        if (slices.isOver) await slices.pause()
      }
    }
    const learned = new Set(
      Object.values(state.names().pipeline.tables).flatMap((table) => (table.learned ? [table.id] : [])),
    )
    const readLearned = async (table: number) => {
      const flows = await this.#sources.learned(dpid, table)
      if (flows === undefined)
        this.#notes.add(`what the switch of ${uuid} has learned is not known here: counted as nothing`)
      return flows ?? []
    }
    const tables = new FlowTables(desired, learned, readLearned)
    this.#tables.set(id, tables)
    return tables
  }

  #step({ table, flow }: Step): TraceStep {
    const names = this.#sources.state.names()
    const head = { table: names.tableOf(table), table_id: table }
    if (flow === undefined)
      return {
        ...head,
        priority: null,
        match: null,
        actions: null,
        feature: null,
        object: null,
        cookie: null,
      }
    const { feature, uuid } = names.makerOf(flow.cookie)
    const cookie = `0x${flow.cookie.toString(16)}`
    return {
      ...head,
      priority: flow.priority,
      ...flowParts(names.names, flow),
      feature,
      object: uuid,
      cookie,
    }
  }

  #end(datapathId: number, end: End): TraceEnd {
    const nothing = {
      ...{ interface_uuid: null, network_uuid: null, port: null, port_name: null, datapath_uuids: [] },
      ...{ next_hop: null, function: null, reason: null },
    }
    if (end.kind === 'punt') {
      const { feature } = this.#sources.state.names().makerOf(end.flow.cookie)
      return { ...nothing, outcome: 'punted', function: feature, packet: packetText(end.packet) }
    }
    if (end.kind === 'drop') return { ...nothing, outcome: 'dropped', reason: this.#reason(end), packet: '' }
    const { port, packet } = end
    const behind = this.#wiring.behind(this.#sources.state.view, datapathId, port, packet.fields)
    const port_name = this.#portName(datapathId, port)
    return { ...nothing, port, port_name, packet: packetText(packet), ...this.#outcome(behind, packet) }
  }

  #reason({ step, reason, from }: End & { kind: 'drop' }): string {
    const { table, priority, match, feature, object } = this.#step(step)
    if (priority !== null)
      return `${table}: ${reason}: ${priority} ${match} (${feature}${object === null ? '' : ` ${object}`})`
    const names = this.#sources.state.names()
    const means = names.pipeline.tables[table]?.missMeans
    if (means === undefined) return `${table}: ${reason}`
    const maker = from && names.makerOf(from.cookie)
    const by = maker?.uuid == null ? '' : ` (sent there by ${maker.feature} ${maker.uuid})`
    return `${table}: ${reason}: ${means}${by}`
  }

  #outcome(behind: Behind, packet: Packet): Pick<TraceEnd, 'outcome'> & Partial<TraceEnd> {
    switch (behind.kind) {
      case 'interface':
        this.#delivered.add(behind.uuid)
        return { outcome: 'delivered', interface_uuid: behind.uuid }
      case 'host':
        if (behind.uuid !== null) this.#delivered.add(behind.uuid)
        return { outcome: 'host', interface_uuid: behind.uuid }
      case 'nobody':
        return { outcome: 'lost', reason: behind.because }
      case 'wire':
        return {
          ...this.#sendOn(behind.to, packet),
          ...{ network_uuid: behind.network, next_hop: behind.nextHop ?? null },
        }
      case 'tunnel':
        return behind.to.length > 0
          ? this.#sendOn(behind.to, packet)
          : { outcome: 'lost', reason: 'no datapath has the outer address' }
    }
  }

  #sendOn(to: readonly Entrance[], packet: Packet): Pick<TraceEnd, 'outcome' | 'datapath_uuids'> {
    const { view } = this.#sources.state
    for (const entrance of to) this.#arrivals.push({ entrance, packet: entering(packet.outside(), entrance) })
    const datapath_uuids = to.flatMap(({ datapathId }) => view.datapaths.get(datapathId)?.uuid ?? [])
    return { outcome: to.length > 0 ? 'sent_on' : 'physical', datapath_uuids }
  }
}

/** The packet as the switch has it when it comes. */
function entering(packet: Packet, { port, fields }: Entrance): Packet {
  for (const [name, value] of fields ?? []) packet.set(name, value)
  packet.set('in_port', BigInt(port))
  return packet
}

/** Throws ApiError for what is no packet, or comes from nowhere. */
export async function tracePacket(request: TraceRequest, sources: TraceSources): Promise<Trace> {
  const { view, wiring } = sources.state
  if (wiring === undefined)
    throw new ApiError('Unavailable', 'the flow functions do not say what is behind ports')
  const { verdicts } = request
  const interfaceUuid = senderOf(view, request.interfaceUuid)
  const begun = wiring.begin(view, interfaceUuid, parsePacket(request.packet))
  if ('problem' in begun) throw argumentError(begun.problem)
  const connection = saidConnection(begun.fields)
  const packet = entering(new Packet(begun.fields).outside(), begun.entrance)
  const tracing = new Tracing(sources, wiring, { verdicts, connection })
  return tracing.run(interfaceUuid, { entrance: begun.entrance, packet })
}

/** By its uuid, or by the port that it alone is plugged into. */
function senderOf({ interfaces, activeInterfaces }: TraceSources['state']['view'], given: string): string {
  if (interfaces.one('uuid', given) !== undefined) return given
  const places = [...activeInterfaces.all()].filter(({ port_name }) => port_name === given)
  const uuids = new Set(places.flatMap(({ interface_id }) => interfaces.get(interface_id)?.uuid ?? []))
  const [uuid, ...others] = uuids
  if (uuid !== undefined && others.length === 0) return uuid
  if (uuid !== undefined)
    throw argumentError(`interface_uuid: ${given} is a port of ${[...uuids].join(', ')}: say which of them`)
  const near = `if-${given}`
  const hint = interfaces.one('uuid', near) === undefined ? '' : `, did you mean ${near}?`
  throw new ApiError('UnknownUUIDResource', `Interface#interface_uuid: ${given}${hint}`)
}
