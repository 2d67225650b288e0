/** Rows as an API makes them, for the benches of the state. */
import { createDraft, type PendingDraft } from '../../db/state/draft.ts'
import type { Draft, State } from '../../db/state/types.ts'

/** Where interfaces are put. */
export interface Ground {
  readonly network: number
  readonly datapath: number
}

/** A network and a datapath. */
export function addGround(draft: Draft): Ground {
  const key = draft.tunnelKeys.insert({ kind: 'network' })
  const datapath = draft.datapaths.insert({
    uuid: 'dp-1',
    display_name: 'one',
    dpid: '0x0000000000000001',
    node_id: 'one',
  })
  const network = draft.networks.insert({
    uuid: 'nw-1',
    display_name: '',
    ipv4_network: 0,
    ipv4_prefix: 8,
    mode: 'virtual',
    domain_name: '',
    tunnel_key_id: key.id,
  })
  return { network: network.id, datapath: datapath.id }
}

export const rowsPerInterface = 6

/** An interface with its port, MAC, address, membership and activity: six rows, and the look-ups that check them. */
function addInterface(draft: Draft, n: number, { network, datapath }: Ground): void {
  const { id } = draft.interfaces.insert({ uuid: `if-${n}`, mode: 'vif', display_name: null })
  draft.interfacePorts.insert({
    interface_id: id,
    datapath_id: datapath,
    port_name: `p${n}`,
    singular: true,
    interface_mode: 'vif',
  })
  const mac = draft.macLeases.insert({ uuid: `ml-${n}`, interface_id: id, mac_address: n, segment_id: null })
  if (draft.ipLeases.one('address', network, n) !== undefined) throw new Error('the address is in use')
  draft.ipLeases.insert({
    uuid: `il-${n}`,
    interface_id: id,
    mac_lease_id: mac.id,
    network_id: network,
    ipv4_address: n,
  })
  if (draft.networks.get(network) === undefined) throw new Error('there is no network')
  draft.interfaceNetworks.insert({ interface_id: id, network_id: network, interface_mode: 'vif' })
  draft.activeInterfaces.insert({
    interface_id: id,
    datapath_id: datapath,
    port_name: `p${n}`,
    port_number: n,
    singular: true,
  })
}

export function draftInterfaces(state: State, from: number, count: number, ground: Ground): PendingDraft {
  const pending = createDraft(state, 1)
  for (let n = from; n < from + count; n++) addInterface(pending.draft, n, ground)
  return pending
}
