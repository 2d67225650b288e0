/** The ports of a bridge as the rest of the host sees them, and what changed about them. */
import type { Replica } from './replica.ts'
import type { Row } from './schema.ts'

export interface BridgePort {
  /** The interface's name; a bond has several under one port. */
  readonly name: string
  /** The OpenFlow port number; null while Open vSwitch has given none, or could not open the device. */
  readonly portNumber: number | null
  /** `external_ids:iface-id`, which libvirt and others set. */
  readonly ifaceId: string | null
  /** There is a carrier; also where Open vSwitch does not know. */
  readonly linked: boolean
  /** Open vSwitch's interface type: empty for a system device, `internal`, `gre`, … */
  readonly type: string
  /** Why Open vSwitch could not configure it. */
  readonly error: string | null
}

export interface PortsDelta {
  readonly added: readonly BridgePort[]
  readonly changed: readonly BridgePort[]
  readonly removed: readonly BridgePort[]
}

/** Rows are replaced, never changed, so what follows from one can be kept with it. */
const known = new WeakMap<Row<'Interface'>, BridgePort>()

/** All ports of a bridge by name, its own (`LOCAL`) among them. */
export function portsOf(replica: Replica, bridge: Row<'Bridge'>): Map<string, BridgePort> {
  const ports = new Map<string, BridgePort>()
  const portRows = replica.table('Port')
  const interfaceRows = replica.table('Interface')
  for (const portUuid of bridge.ports) {
    for (const uuid of portRows.get(portUuid)?.interfaces ?? []) {
      const row = interfaceRows.get(uuid)
      if (row !== undefined) ports.set(row.name, portOf(row))
    }
  }
  return ports
}

/** What is different between two looks at a bridge; null where nothing is. */
export function comparePorts(
  before: ReadonlyMap<string, BridgePort>,
  after: ReadonlyMap<string, BridgePort>,
): PortsDelta | null {
  const added: BridgePort[] = []
  const changed: BridgePort[] = []
  const removed: BridgePort[] = []
  for (const [name, port] of after) {
    const old = before.get(name)
    if (old === undefined) added.push(port)
    else if (old !== port && !isEqual(old, port)) changed.push(port)
  }
  for (const [name, port] of before) if (!after.has(name)) removed.push(port)
  return added.length + changed.length + removed.length === 0 ? null : { added, changed, removed }
}

function portOf(row: Row<'Interface'>): BridgePort {
  let port = known.get(row)
  if (port === undefined) {
    port = {
      name: row.name,
      // Open vSwitch writes -1 for a device that it could not open.
      portNumber: row.ofport !== null && row.ofport > 0 ? row.ofport : null,
      ifaceId: row.external_ids.get('iface-id') ?? null,
      linked: row.link_state !== 'down',
      type: row.type,
      error: row.error,
    }
    known.set(row, port)
  }
  return port
}

const isEqual = (a: BridgePort, b: BridgePort) =>
  a.portNumber === b.portNumber &&
  a.ifaceId === b.ifaceId &&
  a.linked === b.linked &&
  a.type === b.type &&
  a.error === b.error
