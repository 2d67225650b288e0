import { expect, test } from 'bun:test'
import { silent } from '../../../runtime/log.ts'
import type { Effect } from '../../../runtime/openvnet.ts'
import { ipv6Rows } from '../../testing/ipv6-rows.ts'
import { type Rows, stateOf } from '../../testing/state.ts'
import advertisements from './router-advertisements.ts'

const dpid = '0x0000000000000001'
const plugged: Rows = {
  ...ipv6Rows,
  datapaths: [{ id: 1, uuid: 'dp-1', dpid, display_name: '', node_id: '' }],
  activeInterfaces: [{ id: 5, interface_id: 1, datapath_id: 1, port_name: 'vm', port_number: 9 }],
}

/** Rows are from the beginning of time. */
const later = 3_600_000

const run = (now: number, rows = plugged, here = [1]) =>
  (advertisements.handle({
    ...{ state: stateOf(rows), now, random: () => 0, log: silent, draft: () => undefined as never },
    switches: { applied: new Map(), here: new Set(here), unheardMs: 0 },
  } as never) ?? []) as Effect[]

test('every machine hears of its network once in a while', () => {
  const sent = Array.from({ length: 120 }, (_, turn) => run(later + turn * 500)).flat()
  expect(sent).toHaveLength(2)
  expect(sent[0]).toMatchObject({ type: 'send-on', dpid, packet: { port: 9 } })
})

test('and nobody where there is no IPv6', () => {
  const rows = {
    ...plugged,
    networks: ipv6Rows.networks.map((one) => ({ ...one, ipv6_network: null, ipv6_prefix: null })),
  }
  expect(Array.from({ length: 60 }, (_, turn) => run(later + turn * 500, rows)).flat()).toEqual([])
})

test.each([
  ['something of the network has changed', 3],
  ['it has got an address', 1],
])('and soon where %s', (_, changed) => {
  const ipLeases = ipv6Rows.ipLeases.map((one) => (one.id === changed ? { ...one, updated_at: later } : one))
  const rows = { ...plugged, ipLeases }
  const sent = Array.from({ length: 8 }, (_, turn) => run(later + turn * 500, rows)).flat()
  expect(sent).toHaveLength(1)
})
