/** Bridges that OVSDB tells of: dialled once they are safe, their ports turned into events, their tunnels kept. */
import type { Row } from '../../db/state/types.ts'
import type { Logger } from '../log.ts'
import type { Channel } from '../openflow/channel/index.ts'
import type { NetworkEvent, SwitchPort } from '../openvnet/events.ts'
import { localPort } from '../openvnet/packet.ts'
import {
  type AdoptedBridge,
  type BootstrapUplink,
  type BridgePort,
  createOvsdbManager,
  type DeletedBridge,
  type OvsdbManager,
  type PortsDelta,
} from '../ovsdb/index.ts'
import { describe, type Result, success } from '../problem.ts'
import type { HostConfig } from './config.ts'
import type { Alarm } from './events/alarm.ts'
import type { NetworkState } from './network-state.ts'

export interface BridgesOptions {
  readonly config: HostConfig
  readonly channel: Channel
  readonly log: Logger
  /** Undefined until the database was reached. */
  readonly state: () => NetworkState | undefined
  readonly event: (event: NetworkEvent) => void
  readonly flowsFlushed: (dpid: string) => void
  /** Something that a person should hear of; it is logged in any case. */
  readonly alarm: (alarm: Alarm) => void
}

/** A port that leads to the physical network. */
export interface UplinkPort {
  readonly portName: string
  readonly portNumber: number
}

/** What OVSDB says for the bridge's own port, which OpenFlow 1.3 numbers otherwise. */
const ovsdbLocalPort = 0xfffe

/** A port without a number is none yet. */
function asSwitchPort(
  { name, portNumber, ifaceId, linked }: BridgePort,
  uplink: string | null,
): SwitchPort[] {
  if (portNumber === null) return []
  const number = portNumber === ovsdbLocalPort ? localPort : portNumber
  return [{ portName: name, portNumber: number, ifaceId, uplink: name === uplink, linked }]
}

const addressesOf = (deleted: readonly DeletedBridge[]): ReadonlySet<string> =>
  new Set(deleted.flatMap(({ openflowAddress }) => openflowAddress ?? []))

export class Bridges {
  readonly #options: BridgesOptions
  readonly #manager: OvsdbManager
  readonly #adopted = new Map<string, AdoptedBridge>()
  readonly #ports = new Map<string, readonly BridgePort[]>()
  #bootstrap: readonly BootstrapUplink[] = []
  /** Those whose datapath is deleted. */
  #deleted: readonly DeletedBridge[] = []

  static start(options: BridgesOptions): Result<Bridges> {
    let bridges: Bridges | undefined
    const { config, log, state } = options
    const created = createOvsdbManager({
      addresses: config.ovsdb,
      ...(config.tls === null ? {} : { tls: config.tls }),
      log,
      isRegistered: (dpid) => state()?.find(dpid) !== undefined,
      isDeleted: (dpid) => state()?.deleted(dpid) !== undefined,
      onBridge: (bridge) => bridges!.#onBridge(bridge),
      onBridgeGone: (dpid) => bridges!.#onBridgeGone(dpid),
      onPorts: (dpid, delta, ports) => bridges!.#onPorts(dpid, delta, ports),
      onFlowsFlushed: (dpid, reason) => {
        log.warn('a switch has lost its flows', { dpid, reason })
        options.flowsFlushed(dpid)
      },
      onAlarm: ({ kind, dpid, bridge, problem }) => {
        const fields = { dpid, bridge, problem: describe(problem) }
        log.warn(`bridge ${kind}`, fields)
        const datapath = state()?.view.datapaths.one('dpid', dpid)
        const about = datapath === undefined ? [] : [datapath.uuid]
        options.alarm({ name: `bridge-${kind}`, message: problem.what, fields, about })
      },
      onDeletedBridges: (deleted) => bridges!.#onDeletedBridges(deleted),
      onBootstrapUplinks: (uplinks) => bridges!.#onBootstrapUplinks(uplinks),
    })
    if (!created.ok) return created
    bridges = new Bridges(options, created.value)
    return success(bridges)
  }

  private constructor(options: BridgesOptions, manager: OvsdbManager) {
    this.#options = options
    this.#manager = manager
  }

  /** Whether OVSDB says that the bridge of this datapath drops what it has no flow for; undefined: OVSDB does not know it. */
  isSecure(dpid: string): boolean | undefined {
    return this.#adopted.get(dpid)?.failModeSecure
  }

  /** Whether OVSDB has a bridge of this datapath, adopted or not yet. */
  has(dpid: string): boolean {
    return this.#manager.hasBridge(dpid)
  }

  /** Its ports come from OVSDB, and need not be asked for over OpenFlow. */
  knows(dpid: string): boolean {
    return this.#ports.has(dpid)
  }

  /** The physical port of a bridge, by what the bridge itself remembers; null: it does not, or has no such port now. */
  bootstrapPort(dpid: string): UplinkPort | null {
    const uplink = this.#bootstrap.find((one) => one.dpid === dpid)
    if (uplink === undefined || uplink.portNumber === null) return null
    return { portName: uplink.portName, portNumber: uplink.portNumber }
  }

  /** Whether OVSDB says that the bridge of a deleted datapath still has tunnel ports of ours. */
  hasTunnelPortsLeft(dpid: string): boolean {
    return this.#deleted.some((one) => one.dpid === dpid && one.hasTunnelPorts)
  }

  /** Resolves once the OVSDBs were read and the bridges that are registered are adopted, or after `timeoutMs`. */
  async whenRead(timeoutMs: number): Promise<void> {
    this.#manager.registrationsChanged()
    await this.#manager.whenSynced(timeoutMs)
    // The manager looks at what it has read when it has read all that came together.
    await Bun.sleep(0)
  }

  registrationsChanged(): void {
    this.#manager.registrationsChanged()
  }

  /** Brings tunnel ports and the remembered uplink in line with the state. */
  update({ id, dpid }: Row<'datapaths'>): void {
    const desired = this.#options.state()?.engine.desired(id)
    if (desired === undefined) return
    this.#manager.setTunnelPorts(
      dpid,
      [...desired.tunnelPorts.values()].map(({ port }) => port),
    )
    for (const { body: portName } of desired.uplinks.values()) this.#manager.setUplink(dpid, portName)
  }

  /** Tells all ports of a bridge again, for when events about them were lost. */
  tellPorts(dpid: string): void {
    const ports = this.#ports.get(dpid)
    if (ports !== undefined)
      this.#options.event({ type: 'ports-listed', dpid, ports: this.#switchPorts(dpid, ports) })
  }

  async close(): Promise<void> {
    await this.#manager.close()
  }

  #switchPorts(dpid: string, ports: readonly BridgePort[]): SwitchPort[] {
    const uplink = this.#adopted.get(dpid)?.uplink ?? null
    return ports.flatMap((port) => asSwitchPort(port, uplink))
  }

  #onBridge(bridge: AdoptedBridge): void {
    const before = this.#adopted.get(bridge.dpid)
    this.#adopted.set(bridge.dpid, bridge)
    if (before?.openflowAddress && before.openflowAddress !== bridge.openflowAddress)
      this.#options.channel.hangUp(before.openflowAddress)
    if (bridge.openflowAddress !== null && bridge.failModeSecure) this.#dial(bridge.openflowAddress)
    const row = this.#options.state()?.find(bridge.dpid)
    if (row !== undefined) this.update(row)
    this.#options.channel.reevaluate(bridge.dpid)
    if (before !== undefined && before.uplink !== bridge.uplink) this.tellPorts(bridge.dpid)
  }

  #onBridgeGone(dpid: string): void {
    const bridge = this.#adopted.get(dpid)
    this.#adopted.delete(dpid)
    this.#ports.delete(dpid)
    const isToClear = this.#options.state()?.deleted(dpid) !== undefined && this.has(dpid)
    if (bridge?.openflowAddress && !isToClear) this.#options.channel.hangUp(bridge.openflowAddress)
    this.#options.channel.reevaluate(dpid)
    // Still registered, so it is the bridge that has been removed, and its ports with it.
    if (this.#options.state()?.find(dpid) !== undefined)
      this.#options.event({ type: 'ports-listed', dpid, ports: [] })
    else this.#manager.forget(dpid)
  }

  #onPorts(dpid: string, { added, changed, removed }: PortsDelta, ports: readonly BridgePort[]): void {
    const first = !this.#ports.has(dpid)
    this.#ports.set(dpid, ports)
    if (first) {
      this.tellPorts(dpid)
      return
    }
    for (const { name, portNumber } of removed)
      this.#options.event({ type: 'port-removed', dpid, portName: name, portNumber: portNumber ?? 0 })
    for (const port of changed)
      if (port.portNumber === null)
        this.#options.event({ type: 'port-removed', dpid, portName: port.name, portNumber: 0 })
    for (const port of this.#switchPorts(dpid, [...changed, ...added]))
      this.#options.event({ type: 'port-added', dpid, ...port })
  }

  /** They are dialled like those that are served: what they have of ours goes, and then so does who has dialled. */
  #onDeletedBridges(deleted: readonly DeletedBridge[]): void {
    const before = addressesOf(this.#deleted)
    const wanted = addressesOf(deleted)
    this.#deleted = deleted
    const served = new Set([...this.#adopted.values()].map(({ openflowAddress }) => openflowAddress))
    for (const address of before)
      if (!wanted.has(address) && !served.has(address)) this.#options.channel.hangUp(address)
    for (const address of wanted) this.#dial(address)
    for (const { dpid } of deleted) this.#options.channel.reevaluate(dpid)
  }

  #onBootstrapUplinks(uplinks: readonly BootstrapUplink[]): void {
    this.#bootstrap = uplinks
    // Once the state is there, it says which switches are dialled.
    if (this.#options.state() !== undefined) return
    for (const { openflowAddress, dpid } of uplinks) {
      this.#dial(openflowAddress)
      this.#options.channel.reevaluate(dpid)
    }
  }

  #dial(address: string): void {
    const dialled = this.#options.channel.dial(address)
    if (!dialled.ok)
      this.#options.log.error('a switch cannot be dialled', { problem: describe(dialled.problem) })
  }
}
