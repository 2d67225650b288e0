/** An adopted bridge: what was said about it so far, what there is to say, and what there is to write. */
import type { Problem } from '../problem.ts'
import { openflowAddressOf } from './address.ts'
import type { Candidate } from './adoption.ts'
import type { OvsdbAlarm } from './alarms.ts'
import type { DatapathId } from './datapath-id.ts'
import type { Endpoint, Job } from './endpoint.ts'
import type { Operation } from './operations.ts'
import { type BridgePort, comparePorts, type PortsDelta, portsOf } from './ports.ts'
import type { Row } from './schema.ts'
import { type Supervision, supervise } from './supervision.ts'
import { planTunnels, type TunnelPort } from './tunnels.ts'
import { type Correction, correctionsOf, onBridgeWithId, recordUplink, uplinkKey } from './upkeep.ts'

export interface AdoptedBridge {
  readonly dpid: DatapathId
  readonly name: string
  /** The OVSDB's address. */
  readonly ovsdb: string
  /** Where to dial it, from when it was first seen secure; null for one that has to dial in. */
  readonly openflowAddress: string | null
  /** `fail_mode=secure` is set, and ovs-vswitchd has carried it out. Only then may the bridge be served. */
  readonly failModeSecure: boolean
  /** The targets of its controller rows: an operator's, never ours. */
  readonly controllers: readonly string[]
  /** The port that is recorded as its uplink. */
  readonly uplink: string | null
}

export interface ServedBridgeEvents {
  onBridge(bridge: AdoptedBridge): void
  onPorts(delta: PortsDelta, ports: readonly BridgePort[]): void
  onFlowsFlushed(reason: string): void
  onAlarm(alarm: OvsdbAlarm): void
}

/** Undefined where nothing was said about it, so that nothing is changed. */
export interface Wanted {
  readonly tunnels: readonly TunnelPort[] | undefined
  readonly uplink: string | null | undefined
}

export interface Look {
  readonly jobs: readonly Job[]
  /** Conditions that hold now. */
  readonly alarms: readonly OvsdbAlarm[]
}

export class ServedBridge {
  readonly dpid: DatapathId
  readonly endpoint: Endpoint
  readonly #events: ServedBridgeEvents
  #candidate: Candidate
  #supervision: Supervision | null = null
  #told = ''
  #ports = new Map<string, BridgePort>()
  #wasSecure = false
  /** Everything was as it must be when we looked last: what is not now, somebody changed. */
  #upheld = false

  constructor(dpid: DatapathId, candidate: Candidate, endpoint: Endpoint, events: ServedBridgeEvents) {
    this.dpid = dpid
    this.endpoint = endpoint
    this.#candidate = candidate
    this.#events = events
  }

  get candidate(): Candidate {
    return this.#candidate
  }

  /** Looks at the rows as they are now: says what is new, returns what is to be written and which alarms hold. */
  look(candidate: Candidate, wanted: Wanted): Look {
    this.#candidate = candidate
    const { row } = candidate
    const corrections = correctionsOf(row, this.dpid)
    this.#noticeDrift(corrections)
    const configuration = [...this.#replica.table('Open_vSwitch').values()][0] ?? { next_cfg: 0, cur_cfg: 0 }
    const { supervision, resync, ask } = supervise(this.#supervision, row, configuration)
    this.#supervision = supervision
    this.#wasSecure ||= supervision.secure === 'yes'
    this.#tellBridge(row, supervision)
    this.#tellPorts(row)
    if (resync !== null) this.#events.onFlowsFlushed(resync)

    const tunnels = planTunnels(this.#replica, row, wanted.tunnels ?? [])
    const uplink = wanted.uplink === undefined ? null : recordUplink(row, wanted.uplink)
    const settings = [...corrections.map(({ operation }) => operation), ...(uplink === null ? [] : [uplink])]
    const jobs: Job[] = []
    if (settings.length > 0 || ask) jobs.push(this.#job('settings', settings))
    if (wanted.tunnels !== undefined && tunnels.operations.length > 0)
      jobs.push(this.#job('tunnels', tunnels.operations))
    return {
      jobs,
      alarms: [
        ...this.#controllerAlarms(row),
        ...this.#tunnelAlarms(wanted.tunnels ?? [], tunnels.conflicts),
      ],
    }
  }

  get #replica() {
    return this.endpoint.client.replica
  }

  #tellBridge(row: Row<'Bridge'>, { secure }: Supervision) {
    const { client } = this.endpoint
    const bridge: AdoptedBridge = {
      dpid: this.dpid,
      name: row.name,
      ovsdb: this.#candidate.ovsdb,
      openflowAddress: this.#wasSecure ? openflowAddressOf(client.address, row.name) : null,
      failModeSecure: secure === 'yes',
      controllers: this.#controllerTargets(row),
      uplink: row.external_ids.get(uplinkKey) ?? null,
    }
    const text = JSON.stringify(bridge)
    if (text === this.#told) return
    this.#told = text
    this.#events.onBridge(bridge)
  }

  #tellPorts(row: Row<'Bridge'>) {
    const ports = portsOf(this.#replica, row)
    const delta = comparePorts(this.#ports, ports)
    this.#ports = ports
    if (delta !== null) this.#events.onPorts(delta, [...ports.values()])
  }

  #noticeDrift(corrections: readonly Correction[]) {
    if (this.#upheld)
      for (const { setting, expected, received } of corrections)
        this.#events.onAlarm(
          this.#alarm('drift', {
            what: `${setting} was changed, it is put back`,
            where: this.#candidate.row.name,
            expected,
            received,
          }),
        )
    this.#upheld = corrections.length === 0
  }

  #controllerTargets(row: Row<'Bridge'>) {
    const controllers = this.#replica.table('Controller')
    return row.controller.flatMap((uuid) => controllers.get(uuid)?.target ?? []).sort()
  }

  /** Listening targets (`ptcp:`) are no danger: only those that the switch dials have in-band flows. */
  #controllerAlarms(row: Row<'Bridge'>): OvsdbAlarm[] {
    const targets = this.#controllerTargets(row).filter((target) => /^(tcp|ssl):/.test(target))
    if (targets.length === 0) return []
    const problem: Problem = {
      what: 'the bridge has controller rows that we did not set; in-band control is disabled there, and the rows are left alone',
      where: row.name,
      received: targets.join(', ').slice(0, 300),
    }
    return [this.#alarm('controller', problem)]
  }

  #tunnelAlarms(tunnels: readonly TunnelPort[], conflicts: readonly Problem[]): OvsdbAlarm[] {
    const failed = tunnels.flatMap(({ name }): Problem[] => {
      const error = this.#ports.get(name)?.error ?? null
      return error === null
        ? []
        : [
            {
              what: 'Open vSwitch cannot make the tunnel port',
              where: `${this.#candidate.row.name}/${name}`,
              received: error,
            },
          ]
    })
    return [...conflicts, ...failed].map((problem) => this.#alarm('tunnel', problem))
  }

  #job(what: 'settings' | 'tunnels', operations: readonly Operation[]): Job {
    const { row } = this.#candidate
    return {
      key: `${what} ${row.uuid}`,
      why: `${what} of ${row.name}`,
      operations: onBridgeWithId(row, operations),
      onFailed: (problem) => this.#events.onAlarm(this.#alarm('transaction', problem)),
    }
  }

  #alarm(kind: OvsdbAlarm['kind'], problem: Problem): OvsdbAlarm {
    return { kind, ovsdb: this.#candidate.ovsdb, bridge: this.#candidate.row.name, dpid: this.dpid, problem }
  }
}
