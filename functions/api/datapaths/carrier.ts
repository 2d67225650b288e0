/** Host interfaces as what carries networks, segments and route links on their datapath. */
import { ApiError, argumentError, type Draft, type Row } from 'openvnet'
import { spansBy } from '../../state/spans.ts'

/** The datapaths that an interface carries something of, or would by a topology. */
const datapathsOf = (draft: Draft, interfaceId: number): number[] => [
  ...spansBy(draft, 'interface', interfaceId).map(({ span }) => span.datapath_id),
  ...draft.topologyDatapaths.many('interface', interfaceId).map((row) => row.datapath_id),
]

/**
 * The interface must be the hypervisor's own, and carry nothing of another datapath: its address is where tunnels end. Its
 * port there may come later; what it carries is in force from then on.
 */
export function checkCarrier(draft: Draft, datapath: Row<'datapaths'>, carrier: Row<'interfaces'>): void {
  if (carrier.mode !== 'host')
    throw argumentError(`interface_uuid: ${carrier.uuid} is no host interface, its mode is ${carrier.mode}`)
  const elsewhere = datapathsOf(draft, carrier.id).find((id) => id !== datapath.id)
  if (elsewhere !== undefined)
    throw argumentError(
      `interface_uuid: ${carrier.uuid} carries networks of ${draft.datapaths.get(elsewhere)?.uuid} already`,
    )
}

/**
 * A host interface that carries networks of the datapath where it is stays there: it is to be plugged in where `mayBeAt`
 * says. To be asked before its ports change.
 */
export function checkStays(
  draft: Draft,
  owner: Row<'interfaces'>,
  mayBeAt: (datapathId: number) => boolean,
): void {
  const ports = draft.interfacePorts.many('interface', owner.id)
  const isAt = (id: number) => ports.some((port) => port.datapath_id === null || port.datapath_id === id)
  const left = datapathsOf(draft, owner.id).find((id) => isAt(id) && !mayBeAt(id))
  if (left === undefined) return
  throw new ApiError(
    'DeleteRestrictionError',
    `${owner.uuid} carries networks of ${draft.datapaths.get(left)?.uuid}; take those off the datapath first`,
  )
}
