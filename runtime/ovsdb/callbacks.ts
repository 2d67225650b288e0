/** What the manager of the bridges asks of its caller, and tells it. */
import type { Logger } from '../log.ts'
import type { TlsFiles } from '../openflow/channel/tls.ts'
import type { OvsdbAlarm } from './alarms.ts'
import type { ClientLimits } from './client.ts'
import type { DatapathId } from './datapath-id.ts'
import type { DeletedBridge } from './deleted-bridges.ts'
import type { BridgePort, PortsDelta } from './ports.ts'
import type { AdoptedBridge } from './served-bridge.ts'
import type { BootstrapUplink } from './uplink.ts'

export interface OvsdbCallbacks {
  /** Is this the id of a datapath that state knows and this host serves? Say `registrationsChanged()` when answers change. */
  isRegistered(dpid: DatapathId): boolean
  /** Is this the id of a datapath that was deleted, and that nobody has registered since? */
  isDeleted?(dpid: DatapathId): boolean
  /** A bridge was adopted, or something about it changed. It may be served while `failModeSecure` is true. */
  onBridge(bridge: AdoptedBridge): void
  /** It is not adopted any more: removed, its registration gone, its id ambiguous. Its ports are gone with it. */
  onBridgeGone(dpid: DatapathId): void
  /** Ports of an adopted bridge came, changed, went; `ports` is the whole list after that. */
  onPorts(dpid: DatapathId, delta: PortsDelta, ports: readonly BridgePort[]): void
  /** Open vSwitch has thrown the flow table of this bridge away without closing the channel: read and send it anew. */
  onFlowsFlushed(dpid: DatapathId, reason: string): void
  onAlarm(alarm: OvsdbAlarm): void
  /** The bridges of deleted datapaths, all of them, have changed. */
  onDeletedBridges?(bridges: readonly DeletedBridge[]): void
  /** The list that `bootstrapUplinks()` returns has changed. */
  onBootstrapUplinks?(uplinks: readonly BootstrapUplink[]): void
}

export interface OvsdbManagerOptions extends OvsdbCallbacks {
  /** `unix:PATH`, `tcp:HOST:PORT`, `ssl:HOST:PORT`. */
  readonly addresses: readonly string[]
  /** Needed for `ssl:`: our key, our certificate, and the authority that the servers' certificates come from. */
  readonly tls?: TlsFiles
  readonly log: Logger
  readonly limits?: Partial<ClientLimits>
}

export interface OvsdbStatus {
  readonly address: string
  readonly connected: boolean
  readonly problem: string | null
  readonly adopted: readonly DatapathId[]
}
