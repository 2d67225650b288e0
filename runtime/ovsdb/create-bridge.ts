/** Makes a bridge that was asked for by name. */
import { failure, type Result, success } from '../problem.ts'
import { type DatapathId, datapathIdOf, parseDatapathId, pinnedText } from './datapath-id.ts'
import {
  bumpConfiguration,
  guard,
  guardNameFree,
  insert,
  mutateUuids,
  type Operation,
  update,
} from './operations.ts'
import type { Replica } from './replica.ts'
import type { Row } from './schema.ts'

export interface NewBridge {
  readonly name: string
  readonly dpid: DatapathId
  /** `netdev` for the user-space datapath. Not said: the kernel's (`system`), or what a bridge that is there has. */
  readonly datapathType?: 'system' | 'netdev'
}

/** What `createBridge` found or did: the bridge is new, another type of datapath was set, or all was as asked for. */
export type BridgeOutcome = 'made' | 'changed' | 'there'

export interface BridgePlan {
  readonly outcome: BridgeOutcome
  readonly operations: readonly Operation[]
}

/** A network device's name (`IFNAMSIZ` less its NUL), without what a path or ovs-vswitchd would not take. */
const bridgeName = /^(?!\.{1,2}$)[^/\s\0]{1,15}$/

/** In Open vSwitch's database an empty type is the kernel's. */
const storedType = (type: 'system' | 'netdev' | undefined) => (type === 'netdev' ? 'netdev' : '')
const typeOf = ({ datapath_type }: Row<'Bridge'>) => (datapath_type === 'system' ? '' : datapath_type)

/** What a bridge of the wanted name and id needs. With ports, its type stays: they would be taken away and made anew. */
function planExisting(row: Row<'Bridge'>, datapathType: NewBridge['datapathType']): Result<BridgePlan> {
  if (datapathType === undefined || typeOf(row) === storedType(datapathType))
    return success({ outcome: 'there', operations: [bumpConfiguration] })
  const { uuid, name, datapath_type, ports } = row
  if (ports.length > 1)
    return failure({
      what: 'the bridge is there with another datapath_type, and has ports',
      where: name,
      expected: datapathType,
      received: datapath_type === '' ? 'system' : datapath_type,
      hint: `\`ovs-vsctl set bridge ${name} datapath_type=${datapathType}\` changes it; the bridge forwards nothing meanwhile.`,
    })
  const unchanged = guard('Bridge', uuid, { datapath_type, ports })
  const change = update('Bridge', uuid, { datapath_type: storedType(datapathType) })
  return success({ outcome: 'changed', operations: [unchanged, change, bumpConfiguration] })
}

/**
 * The operations that make the bridge: secure and with its id pinned from the first moment. For a bridge of that name
 * and id only its type is set; a problem when the name or the id belongs to another one.
 */
export function planBridge(replica: Replica, { name, dpid, datapathType }: NewBridge): Result<BridgePlan> {
  const id = parseDatapathId(dpid)
  if (id === null)
    return failure({
      what: 'not a datapath id',
      where: name,
      expected: '16 hexadecimal digits',
      received: dpid,
    })
  if (!bridgeName.test(name))
    return failure({ what: 'not a name that a bridge can have', where: name, expected: '1 to 15 characters' })
  for (const row of replica.table('Bridge').values()) {
    const held = datapathIdOf(row)
    if (row.name === name && held === id) return planExisting(row, datapathType)
    if (row.name === name)
      return failure({
        what: 'a bridge of this name has another datapath id',
        where: name,
        received: held ?? 'none',
      })
    if (held === id)
      return failure({ what: 'another bridge has this datapath id', where: name, received: row.name })
  }
  return success({ outcome: 'made', operations: insertBridge(name, id, storedType(datapathType)) })
}

function insertBridge(name: string, id: DatapathId, datapath_type: string): readonly Operation[] {
  const other_config = new Map([
    ['datapath-id', pinnedText(id)],
    ['disable-in-band', 'true'],
  ])
  return [
    guardNameFree('Bridge', name),
    insert('Interface', { name, type: 'internal' }, 'interface'),
    insert('Port', { name, interfaces: ['interface'] }, 'port'),
    insert('Bridge', { name, ports: ['port'], fail_mode: 'secure', datapath_type, other_config }, 'bridge'),
    mutateUuids('Open_vSwitch', null, 'bridges', 'insert', ['bridge']),
    bumpConfiguration,
  ]
}
