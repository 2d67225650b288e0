/** What interfaces are called in their networks. */
import type { Draft, State } from 'openvnet'

const label = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/

/** A display name as a label of a host name (RFC 1123, 2.1), or null where it can be none. */
export function hostNameOf(displayName: string | null): string | null {
  const name = displayName?.toLowerCase() ?? ''
  return label.test(name) ? name : null
}

/** What an interface is called in a network: its display name, where that can be a host name, else its uuid without the prefix. */
export function hostLabelOf(state: State, interfaceId: number, networkId: number): string | undefined {
  const iface = state.interfaces.get(interfaceId)
  if (iface === undefined) return undefined
  const given = state.interfaceNetworks.one('pair', interfaceId, networkId)?.host_name ?? null
  return given ?? iface.uuid.slice(iface.uuid.indexOf('-') + 1)
}

/** After a change of its display name: every network that the interface is in knows it by that. */
export function renameHost(draft: Draft, interfaceId: number): void {
  const host_name = hostNameOf(draft.interfaces.get(interfaceId)?.display_name ?? null)
  for (const row of [...draft.interfaceNetworks.many('interface', interfaceId)])
    if (row.host_name !== host_name) draft.interfaceNetworks.update(row.id, { host_name })
}
