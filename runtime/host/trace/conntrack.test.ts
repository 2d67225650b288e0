import { expect, test } from 'bun:test'
import { type SaidConnection, tracked } from './conntrack.ts'
import { numberOf, Packet } from './packet.ts'

const [machine, router, server] = ['10.0.0.11', '10.0.9.1', '10.0.9.5'].map(numberOf)
/** A router tells a machine that it does not get through. */
const error = new Packet([
  ['eth_type', 0x0800n],
  ['ip_proto', 1n],
  ['icmpv4_type', 3n],
  ['ipv4_src', router!],
  ['ipv4_dst', machine!],
])
const first = (said: SaidConnection) => {
  const packet = tracked(error, 7n, 'rel', said)
  return ['ct_nw_proto', 'ct_nw_src', 'ct_nw_dst', 'ct_tp_dst'].map((name) => packet.get(name))
}

test('an error is not of its own connection, but of what its receiver has sent', () => {
  expect(first(new Map())).toEqual([0n, machine!, router!, 0n])
  const said = { ct_nw_proto: 6n, ct_nw_dst: server!, ct_tp_dst: 80n }
  expect(first(new Map(Object.entries(said)))).toEqual([6n, machine!, server!, 80n])
})
