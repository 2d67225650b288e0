import { expect, test } from 'bun:test'
import { learnAction } from './learn.ts'

const registers = {
  network: { bits: [0, 0, 23], note: '' },
  port: { bits: [3, 0, 15], note: '' },
  found: { bits: [13, 2, 3], values: { nothing: 0, here: 1 }, note: '' },
  learned: { bits: [13, 1, 1], note: '' },
} as const
const flow = {
  ...{ cookie: 5n, priority: 100, hardSeconds: 300, idleSeconds: 60, limit: 10, result: 'learned' },
  match: [
    { field: 'network', from: 'network' },
    { field: 'eth_dst', from: 'eth_src' },
  ],
  set: [
    { field: 'port', to: 258 },
    { field: 'found', to: 'here' },
  ],
}

test('a flow is learned from the fields of a packet, under one cookie, as many as may be', () => {
  expect(learnAction(registers, 67, flow)).toMatchObject({
    ...{ type: 'NXAST_LEARN2', table_id: 67, cookie: 5n, idle_timeout: 60, hard_timeout: 300 },
    ...{ limit: 10, result_dst: 'reg13', result_dst_ofs: 1 },
    flags: ['NX_LEARN_F_DELETE_LEARNED', 'NX_LEARN_F_WRITE_RESULT'],
    specs: [
      { n_bits: 24, to: 'match', src: { field: 'reg0', offset: 0 }, dst: { field: 'reg0', offset: 0 } },
      {
        ...{ n_bits: 48, to: 'match', src: { field: 'nxm_of_eth_src', offset: 0 } },
        dst: { field: 'nxm_of_eth_dst', offset: 0 },
      },
      { n_bits: 16, to: 'load', value: Uint8Array.of(1, 2), dst: { field: 'reg3', offset: 0 } },
      { n_bits: 2, to: 'load', value: Uint8Array.of(0, 1), dst: { field: 'reg13', offset: 2 } },
    ],
  })
})

test.each([
  ['a limit that is none', { limit: 0 }],
  ['an age that is none', { hardSeconds: 0 }],
  ['an age that is too high', { idleSeconds: 65_536 }],
  ['a result of several bits', { result: 'port' }],
  ['a value that does not fit', { set: [{ field: 'port', to: 65_536 }] }],
  ['what is no register', { set: [{ field: 'eth_dst', to: 1 }] }],
  ['fields of different widths', { match: [{ field: 'port', from: 'eth_src' }] }],
  ['a field that is not learned from', { match: [{ field: 'ip_proto', from: 'ip_proto' }] }],
])('%s is refused', (_, change) => {
  expect(() => learnAction(registers, 67, { ...flow, ...change })).toThrow(RangeError)
})
