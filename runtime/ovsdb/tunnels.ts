/** Makes the tunnel ports of a bridge what a list says. Only ports that carry our mark are ever changed or removed. */
import type { TunnelPort } from '../pipeline/flow.ts'
import type { Problem } from '../problem.ts'
import type { StringMap } from './datum.ts'
import { insert, mutateUuids, type Operation, update } from './operations.ts'
import type { Replica } from './replica.ts'
import type { Row } from './schema.ts'

export type { TunnelPort } from '../pipeline/flow.ts'

export interface TunnelPlan {
  readonly operations: readonly Operation[]
  /** What stands in the way of a port that is wanted. */
  readonly conflicts: readonly Problem[]
}

const markKey = 'openvnet'
const markValue = 'tunnel'
const isOurs = (port: Row<'Port'>) => port.external_ids.get(markKey) === markValue

/** What to do so that the bridge has exactly these tunnel ports of ours. Nothing, when it has. */
export function planTunnels(
  replica: Replica,
  bridge: Row<'Bridge'>,
  wanted: readonly TunnelPort[],
): TunnelPlan {
  const here = new Map<string, Row<'Port'>>()
  for (const uuid of bridge.ports) {
    const port = replica.table('Port').get(uuid)
    if (port !== undefined) here.set(port.name, port)
  }
  const operations: Operation[] = []
  const conflicts: Problem[] = []
  const missing: TunnelPort[] = []
  const names = new Set(wanted.map((tunnel) => tunnel.name))
  for (const tunnel of wanted) {
    const port = here.get(tunnel.name)
    if (port === undefined) missing.push(tunnel)
    else if (isOurs(port)) operations.push(...repair(replica, port, tunnel))
    else conflicts.push(taken(bridge, tunnel))
  }
  const taken_elsewhere = missing.length === 0 ? new Set<string>() : namesInUse(replica)
  missing.forEach((tunnel, index) => {
    if (taken_elsewhere.has(tunnel.name)) conflicts.push(taken(bridge, tunnel))
    else operations.push(...add(bridge, tunnel, index))
  })
  const surplus = [...here.values()]
    .filter((port) => isOurs(port) && !names.has(port.name))
    .map((port) => port.uuid)
  if (surplus.length > 0) operations.push(mutateUuids('Bridge', bridge.uuid, 'ports', 'delete', surplus))
  return { operations, conflicts }
}

function repair(replica: Replica, port: Row<'Port'>, { name, type, options }: TunnelPort): Operation[] {
  const interfaces = port.interfaces.map((uuid) => replica.table('Interface').get(uuid))
  const row = interfaces.find((each) => each?.name === name)
  if (row === undefined || (row.type === type && isEqual(row.options, options))) return []
  return [update('Interface', row.uuid, { type, options: new Map(Object.entries(options)) })]
}

function add(bridge: Row<'Bridge'>, { name, type, options }: TunnelPort, index: number): Operation[] {
  const interfaceName = `interface${index}`
  const portName = `port${index}`
  const external_ids = new Map([[markKey, markValue]])
  return [
    insert('Interface', { name, type, options: new Map(Object.entries(options)) }, interfaceName),
    insert('Port', { name, interfaces: [interfaceName], external_ids }, portName),
    mutateUuids('Bridge', bridge.uuid, 'ports', 'insert', [portName]),
  ]
}

/** Names are unique in the whole database, over all bridges (`indexes` of the tables Port and Interface). */
function namesInUse(replica: Replica) {
  const names = new Set<string>()
  for (const row of replica.table('Port').values()) names.add(row.name)
  for (const row of replica.table('Interface').values()) names.add(row.name)
  return names
}

const taken = (bridge: Row<'Bridge'>, tunnel: TunnelPort): Problem => ({
  what: 'a port that is not ours has the name that a tunnel needs',
  where: `${bridge.name}/${tunnel.name}`,
  hint: 'Rename or remove that port; it is left as it is.',
})

const isEqual = (held: StringMap, wanted: Readonly<Record<string, string>>) => {
  const entries = Object.entries(wanted)
  return held.size === entries.length && entries.every(([key, value]) => held.get(key) === value)
}
