/** Where an interface may be plugged in. */
import { ApiError, argumentError, type Draft, type InputOf, type Row } from 'openvnet'
import { isTunnelPort } from '../../state/encapsulation.ts'
import { findOptional } from '../common/find.ts'
import { checkStays } from '../datapaths/carrier.ts'
import type { interfaces } from './operations.ts'

type Port = Row<'interfacePorts'>
interface Request {
  readonly datapath: Row<'datapaths'> | undefined
  readonly port_name: string | null
  readonly singular: boolean
}

const place = (datapath: Row<'datapaths'> | undefined) =>
  datapath === undefined ? 'any datapath' : datapath.uuid

/** A port of a switch can be one interface only. */
function checkName(
  draft: Draft,
  port_name: string | null,
  datapath: Row<'datapaths'> | undefined,
  own?: Port,
) {
  if (port_name === null) return
  const rival = draft.interfacePorts
    .many('portName', port_name)
    .find((port) => port.id !== own?.id && port.datapath_id === (datapath?.id ?? null))
  if (rival === undefined) return
  const hint =
    datapath === undefined
      ? '; give both the owner_datapath_uuid of their hypervisor: a name may be used once on each'
      : ''
  const holder = draft.interfaces.get(rival.interface_id)?.uuid
  throw new ApiError(
    'DuplicateName',
    `port_name: ${port_name} on ${place(datapath)} is ${holder}'s already${hint}`,
  )
}

/** An interface has one port a datapath. */
function checkPlace(draft: Draft, owner: Row<'interfaces'>, datapath: Row<'datapaths'>) {
  if (draft.interfacePorts.one('interfaceDatapath', owner.id, datapath.id) !== undefined)
    throw new ApiError('AlreadyRelated', `${owner.uuid} <=> ${datapath.uuid}`)
}

/** Adds a port; whoever calls this settles the interface. */
export function addPort(draft: Draft, owner: Row<'interfaces'>, request: Request): Port {
  const { datapath, port_name, singular } = request
  if (port_name === '') throw argumentError('port_name: must not be empty')
  if (port_name !== null && isTunnelPort(port_name))
    throw argumentError(`port_name: ${port_name} is the name of a tunnel port`)
  if (datapath !== undefined) checkPlace(draft, owner, datapath)
  checkName(draft, port_name, datapath)
  // One that is singular is at the newest of its ports, wherever that is.
  if (singular) checkStays(draft, owner, (id) => id === datapath?.id)
  return draft.interfacePorts.insert({
    interface_id: owner.id,
    datapath_id: datapath?.id ?? null,
    port_name,
    // Where it is null, the interface may be active in many places; OpenVNet knows no false.
    singular: singular ? true : null,
    interface_mode: owner.mode,
  })
}

/** Moves an interface with its one port to a datapath. */
export function moveTo(draft: Draft, owner: Row<'interfaces'>, datapath: Row<'datapaths'>): void {
  const ports = draft.interfacePorts.many('interface', owner.id)
  if (ports.some((port) => port.datapath_id === datapath.id)) return
  const [port, second] = ports
  if (second !== undefined)
    throw argumentError(`owner_datapath_uuid: ${owner.uuid} has ${ports.length} ports; change those instead`)
  if (port === undefined) {
    addPort(draft, owner, { datapath, port_name: null, singular: true })
    return
  }
  checkStays(draft, owner, (id) => id === datapath.id)
  checkName(draft, port.port_name, datapath, port)
  draft.interfacePorts.update(port.id, { datapath_id: datapath.id, singular: true })
}

type Filter = InputOf<typeof interfaces.operations.removePorts>

/** Deletes the ports that match; whoever calls this settles the interface. */
export function removePorts(draft: Draft, owner: Row<'interfaces'>, filter: Filter): Port[] {
  const datapath = findOptional(draft, 'datapaths', filter.datapath_uuid, 'datapath_uuid')
  const matching = draft.interfacePorts
    .many('interface', owner.id)
    .filter(
      (port) =>
        (datapath === undefined || port.datapath_id === datapath.id) &&
        (filter.port_name === undefined || port.port_name === filter.port_name) &&
        (filter.singular === undefined || (port.singular ?? false) === filter.singular),
    )
  const remaining = draft.interfacePorts
    .many('interface', owner.id)
    .filter((port) => !matching.includes(port))
  if (matching.length > 0)
    checkStays(draft, owner, (id) =>
      remaining.some((port) => port.datapath_id === null || port.datapath_id === id),
    )
  for (const port of matching) draft.interfacePorts.delete(port.id)
  return matching
}
