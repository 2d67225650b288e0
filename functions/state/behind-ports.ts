/** Physical networks that promiscuous interfaces lead to, where no host interface does. */
import type { Draft } from 'openvnet'

const leadsToNetworks = new Set(['promiscuous', 'host'])

/** The networks that an interface leads to, or could. */
export const networksLedToBy = (draft: Draft, interfaceId: number): number[] =>
  leadsToNetworks.has(draft.interfaces.get(interfaceId)?.mode ?? '')
    ? draft.interfaceNetworks.many('interface', interfaceId).map((row) => row.network_id)
    : []

function isBehindPort(draft: Draft, networkId: number): boolean {
  const members = (mode: 'promiscuous' | 'host') =>
    draft.interfaceNetworks.many('networkMode', networkId, mode).length
  return members('promiscuous') > 0 && members('host') === 0
}

/** Brings what is said of these networks in line with their interfaces. */
export function settleBehindPorts(draft: Draft, networkIds: Iterable<number>): void {
  for (const id of new Set(networkIds)) {
    const network = draft.networks.get(id)
    if (network?.mode !== 'physical') continue
    const behind_port = network.segment_id === null && isBehindPort(draft, id)
    if (network.behind_port !== behind_port) draft.networks.update(id, { behind_port })
  }
}
