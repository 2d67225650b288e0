import { expect, test } from 'bun:test'
import { Malformed } from './datum.ts'
import { Replica } from './replica.ts'

const [bridge, port, device] = [1, 2, 3].map((digit) => `00000000-0000-4000-8000-00000000000${digit}`) as [
  string,
  string,
  string,
]
const map = (...pairs: [string, string][]) => ['map', pairs]
const none = ['set', []]
const snapshot = () => ({
  Open_vSwitch: { [crypto.randomUUID()]: { new: { bridges: ['uuid', bridge], next_cfg: 3, cur_cfg: 2 } } },
  Bridge: {
    [bridge]: {
      new: {
        ...{
          name: 'br0',
          datapath_id: '00000000000000aa',
          datapath_type: '',
          fail_mode: none,
          protocols: none,
          controller: none,
        },
        ...{ ports: ['set', [['uuid', port]]], other_config: map(['a', 'b']), external_ids: map() },
      },
    },
  },
  Port: {
    [port]: { new: { name: 'p', interfaces: ['uuid', device], external_ids: map(['openvnet', 'tunnel']) } },
  },
  Interface: {
    [device]: {
      new: {
        name: 'p',
        type: '',
        options: map(),
        ofport: 7,
        error: none,
        link_state: 'up',
        external_ids: map(['iface-id', 'x']),
      },
    },
  },
})

test('rows are loaded, changed, and removed', () => {
  const replica = new Replica()
  replica.load(snapshot())
  expect(replica.table('Bridge').get(bridge)).toMatchObject({ name: 'br0', fail_mode: null, ports: [port] })
  const row = {
    ...{ name: 'p', type: 'gre', options: map(), ofport: none, error: 'no' },
    ...{ link_state: none, external_ids: map() },
  }
  replica.apply({ Interface: { [device]: { old: { type: '' }, new: row } }, Port: { [port]: { old: {} } } })
  expect(replica.table('Interface').get(device)).toMatchObject({ type: 'gre', ofport: null, error: 'no' })
  expect(replica.table('Port').size).toBe(0)
  replica.load({ Port: snapshot().Port })
  expect(replica.table('Bridge').size).toBe(0)
  expect(replica.table('Port').size).toBe(1)
})

test('an update that is malformed anywhere changes nothing', () => {
  const replica = new Replica()
  replica.load(snapshot())
  const update = { Port: { [port]: { old: {} } }, Interface: { [device]: { new: { name: 7 } } } }
  expect(() => replica.apply(update)).toThrow(Malformed)
  expect(replica.table('Port').size).toBe(1)
})

/** Every place in a JSON value, as a function that puts something else there. */
function places(value: unknown, put: (other: unknown) => void): ((other: unknown) => void)[] {
  const found = [put]
  if (typeof value === 'object' && value !== null)
    for (const key of Object.keys(value)) {
      const parent = value as Record<string, unknown>
      found.push(...places(parent[key], (other) => void (parent[key] = other)))
    }
  return found
}

test('whatever stands anywhere in an update, it is taken or malformed, never anything else', () => {
  const junk = [
    null,
    true,
    -1,
    1e308,
    Number.POSITIVE_INFINITY,
    '',
    'set',
    '__proto__',
    [],
    ['set'],
    ['set', null],
    ['map', [1]],
    ['uuid', ''],
  ]
  const more = [
    ...junk,
    {},
    { new: null },
    { old: 1 },
    [[[]]],
    JSON.parse('{"__proto__":{"new":{}}}'),
    undefined,
  ]
  const count = places(structuredClone(snapshot()), () => {}).length
  let refused = 0
  for (let place = 0; place < count; place++)
    for (const other of more) {
      let updates: unknown = structuredClone(snapshot())
      places(updates, (whole) => void (updates = whole))[place]!(structuredClone(other))
      try {
        new Replica().load(updates)
      } catch (error) {
        expect(error).toBeInstanceOf(Malformed)
        refused++
      }
    }
  expect(refused).toBeGreaterThan(count)
})
