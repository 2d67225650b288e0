/** What promiscuous interfaces can be in: machines behind them that the state does not know are there by the port alone. */
import { argumentError, type Draft, type Row } from 'openvnet'
import { hostNameOf } from '../../state/names.ts'

type Interface = Row<'interfaces'>

/** What comes from its port says of no frame which network or segment it is meant for, so it is in one. */
function checkJoin(draft: Draft, owner: Interface, network: Row<'networks'> | undefined): void {
  if (network !== undefined && network.segment_id !== null)
    throw argumentError(
      `network_uuid: ${network.uuid} lies on a segment; ${owner.uuid} is promiscuous and must be in that instead`,
    )
  const joined =
    draft.interfaceSegments.many('interface', owner.id).length +
    draft.interfaceNetworks.many('interface', owner.id).length
  if (joined > 0)
    throw argumentError(
      `static: ${owner.uuid} is promiscuous, so it can be in one network or segment, and is in one already`,
    )
}

/** Refuses a membership that a promiscuous interface cannot have; that of any other may be. */
export function checkPromiscuous(draft: Draft, owner: Interface, to: string, id: number): void {
  const segment = to === 'segments' ? draft.segments.get(id) : undefined
  if (owner.mode === 'promiscuous' && segment?.mode === 'physical')
    throw argumentError(
      `segment_uuid: ${segment.uuid} is physical, where machines need no interface; ${owner.uuid} is promiscuous`,
    )
  if (owner.mode === 'promiscuous' && to !== 'route_links')
    checkJoin(draft, owner, to === 'networks' ? draft.networks.get(id) : undefined)
}

/** A new one without addresses is a member of what the request names; whoever calls this settles it. */
export function joinPromiscuous(
  draft: Draft,
  owner: Interface,
  network: Row<'networks'> | undefined,
  segment: Row<'segments'> | undefined,
): void {
  const row = { interface_id: owner.id, static: true }
  if (network !== undefined) checkJoin(draft, owner, network)
  if (segment !== undefined) draft.interfaceSegments.insert({ ...row, segment_id: segment.id })
  else if (network !== undefined)
    draft.interfaceNetworks.insert({
      ...row,
      network_id: network.id,
      interface_mode: owner.mode,
      host_name: hostNameOf(owner.display_name),
    })
}
