/** An OVSDB manager whose callbacks are written down, for tests. */

import { eventually } from '../../tests/support/open-vswitch.ts'
import { silent } from '../log.ts'
import { describe } from '../problem.ts'
import {
  type AdoptedBridge,
  type BootstrapUplink,
  type BridgePort,
  createOvsdbManager,
  type OvsdbAlarm,
  type OvsdbManager,
  type OvsdbManagerOptions,
  type PortsDelta,
} from './index.ts'

export interface OvsdbRig {
  readonly manager: OvsdbManager
  /** The ids that count as registered; call `manager.registrationsChanged()` after a change. */
  readonly registered: Set<string>
  /** What is adopted now. */
  readonly bridges: Map<string, AdoptedBridge>
  readonly ports: Map<string, readonly BridgePort[]>
  readonly deltas: [dpid: string, delta: PortsDelta][]
  readonly gone: string[]
  readonly flushed: [dpid: string, reason: string][]
  readonly alarms: OvsdbAlarm[]
  readonly uplinks: (readonly BootstrapUplink[])[]
  /** Waits until the bridge may be served. */
  secure(dpid: string): Promise<AdoptedBridge>
  port(dpid: string, name: string): BridgePort | undefined
  alarm(kind: OvsdbAlarm['kind']): Promise<OvsdbAlarm>
}

export function startOvsdbRig(
  addresses: readonly string[],
  registered: readonly string[],
  more: Partial<Pick<OvsdbManagerOptions, 'tls' | 'limits' | 'log'>> = {},
): OvsdbRig {
  const ids = new Set(registered)
  const bridges = new Map<string, AdoptedBridge>()
  const ports = new Map<string, readonly BridgePort[]>()
  const deltas: [string, PortsDelta][] = []
  const gone: string[] = []
  const flushed: [string, string][] = []
  const alarms: OvsdbAlarm[] = []
  const uplinks: (readonly BootstrapUplink[])[] = []
  const created = createOvsdbManager({
    addresses,
    log: silent,
    ...more,
    isRegistered: (dpid) => ids.has(dpid),
    onBridge: (bridge) => void bridges.set(bridge.dpid, bridge),
    onBridgeGone(dpid) {
      gone.push(dpid)
      bridges.delete(dpid)
      ports.delete(dpid)
    },
    onPorts(dpid, delta, all) {
      deltas.push([dpid, delta])
      ports.set(dpid, all)
    },
    onFlowsFlushed: (dpid, reason) => void flushed.push([dpid, reason]),
    onAlarm: (alarm) => void alarms.push(alarm),
    onBootstrapUplinks: (list) => void uplinks.push(list),
  })
  if (!created.ok) throw new Error(describe(created.problem))
  const port = (dpid: string, name: string) => ports.get(dpid)?.find((each) => each.name === name)
  const secure = (dpid: string) =>
    eventually(`${dpid} to be secure`, () => (bridges.get(dpid)?.failModeSecure ? bridges.get(dpid) : null))
  const alarm = (kind: OvsdbAlarm['kind']) =>
    eventually(`an alarm (${kind})`, () => alarms.find((each) => each.kind === kind))
  const manager = created.value
  return {
    manager,
    registered: ids,
    bridges,
    ports,
    deltas,
    gone,
    flushed,
    alarms,
    uplinks,
    secure,
    port,
    alarm,
  }
}
