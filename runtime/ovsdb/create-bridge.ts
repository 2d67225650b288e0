/** Makes a bridge that was asked for by name. */
import { failure, type Result, success } from '../problem.ts'
import { type DatapathId, datapathIdOf, parseDatapathId, pinnedText } from './datapath-id.ts'
import { bumpConfiguration, guardNameFree, insert, mutateUuids, type Operation } from './operations.ts'
import type { Replica } from './replica.ts'

export interface NewBridge {
  readonly name: string
  readonly dpid: DatapathId
  /** `netdev` for the user-space datapath; the kernel's (`system`) by default. */
  readonly datapathType?: 'system' | 'netdev'
}

/** A network device's name (`IFNAMSIZ` less its NUL), without what a path or ovs-vswitchd would not take. */
const bridgeName = /^(?!\.{1,2}$)[^/\s\0]{1,15}$/

/**
 * The operations that make the bridge: secure and with its id pinned from the first moment. None when a bridge of that
 * name and id is there already; a problem when the name or the id belongs to another one.
 */
export function planBridge(
  replica: Replica,
  { name, dpid, datapathType }: NewBridge,
): Result<readonly Operation[]> {
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
    if (row.name === name && held === id) return success([])
    if (row.name === name)
      return failure({
        what: 'a bridge of this name has another datapath id',
        where: name,
        received: held ?? 'none',
      })
    if (held === id)
      return failure({ what: 'another bridge has this datapath id', where: name, received: row.name })
  }
  const type = datapathType === 'netdev' ? 'netdev' : ''
  const other_config = new Map([
    ['datapath-id', pinnedText(id)],
    ['disable-in-band', 'true'],
  ])
  return success([
    guardNameFree('Bridge', name),
    insert('Interface', { name, type: 'internal' }, 'interface'),
    insert('Port', { name, interfaces: ['interface'] }, 'port'),
    insert(
      'Bridge',
      { name, ports: ['port'], fail_mode: 'secure', datapath_type: type, other_config },
      'bridge',
    ),
    mutateUuids('Open_vSwitch', null, 'bridges', 'insert', ['bridge']),
    bumpConfiguration,
  ])
}
