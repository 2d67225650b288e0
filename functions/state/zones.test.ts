import { expect, test } from 'bun:test'
import { createDraft } from '../../db/state/draft.ts'
import { type Rows, stateOf } from '../testing/state.ts'
import { settleFiltering } from './filtering.ts'
import { takeZone, type ZoneOwner } from './zones.ts'

const rows: Rows = {
  datapaths: [1, 2].map((id) => ({ id, uuid: `dp-${id}`, dpid: `${id}`, display_name: '', node_id: '' })),
  tunnelKeys: [1, 2].map((id) => ({ id, kind: 'network' as const })),
  networks: [1, 2].map((id) => ({
    id,
    uuid: `nw-${id}`,
    tunnel_key_id: id,
    ipv4_network: 0,
    mode: 'virtual' as const,
    domain_name: '',
  })),
  interfaces: [1, 2].map((id) => ({
    id,
    uuid: `if-${id}`,
    mode: 'vif' as const,
    enable_filtering: id === 1,
  })),
  interfaceNetworks: [
    { id: 1, interface_id: 1, network_id: 1, interface_mode: 'vif' },
    { id: 2, interface_id: 1, network_id: 2, interface_mode: 'vif' },
    { id: 3, interface_id: 2, network_id: 1, interface_mode: 'vif' },
  ],
  activeInterfaces: [
    { id: 1, interface_id: 1, datapath_id: 1, port_number: 1 },
    { id: 2, interface_id: 2, datapath_id: 1, port_number: 2 },
  ],
}
const draftOf = (more: Rows = {}) => createDraft(stateOf({ ...rows, ...more }), 0).draft
const owner = (interfaceId: number, networkId: number | null = null): ZoneOwner => ({
  datapathId: 1,
  purpose: 'translation',
  interfaceId,
  networkId,
})
const owners = (draft: ReturnType<typeof draftOf>) =>
  [...draft.conntrackZones.all()].map((row) => [row.datapath_id, row.interface_id, row.network_id])

test('an owner keeps its zone, and nobody else on the datapath gets it', () => {
  const draft = draftOf()
  const zone = takeZone(draft, owner(1))!
  expect(takeZone(draft, owner(1))).toBe(zone)
  expect(new Set([zone, takeZone(draft, owner(2)), takeZone(draft, owner(1, 2))]).size).toBe(3)
})

test('a zone that is taken is passed over, and when all are it says so', () => {
  const zone = takeZone(draftOf(), owner(1))!
  const taken = (zones: number[]): Rows => ({
    conntrackZones: zones.map((one, at) => ({
      id: at + 1,
      zone: one,
      datapath_id: 1,
      purpose: 'filtering',
      interface_id: 2,
      network_id: at,
    })),
  })
  expect(takeZone(draftOf(taken([zone])), owner(1))).toBe((zone % 65_535) + 1)
  const all = Array.from({ length: 65_535 }, (_, at) => at + 1)
  expect(takeZone(draftOf(taken(all)), owner(1))).toBeUndefined()
  expect(takeZone(draftOf(taken(all.filter((one) => one !== 7))), owner(1))).toBe(7)
})

test('a filtered interface has a zone where it is plugged in, in each of its networks, and only as long', () => {
  const draft = draftOf()
  for (const id of [1, 2]) settleFiltering(draft, id)
  expect(owners(draft)).toEqual([
    [1, 1, 1],
    [1, 1, 2],
  ])
  draft.activeInterfaces.update(1, { datapath_id: 2 })
  draft.interfaceNetworks.delete(2)
  settleFiltering(draft, 1)
  expect(owners(draft)).toEqual([[2, 1, 1]])
  draft.interfaces.update(1, { enable_filtering: false })
  settleFiltering(draft, 1)
  expect(owners(draft)).toEqual([])
})
