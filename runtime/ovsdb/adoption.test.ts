import { expect, test } from 'bun:test'
import { type Candidate, decideAdoption } from './adoption.ts'

const id = '0x00000000000000aa'
const other = '0x00000000000000bb'

function bridge(
  name: string,
  ovsdb: string,
  more: Partial<Candidate & { dpid: string; pinned: string; uuid: string }> = {},
): Candidate {
  const { live = true, dpid = id, pinned, uuid = crypto.randomUUID() } = more
  return {
    ovsdb,
    live,
    row: {
      uuid,
      weight: 0,
      name,
      datapath_id: dpid === '' ? null : dpid.slice(2),
      datapath_type: '',
      fail_mode: null,
      protocols: [],
      controller: [],
      ports: [],
      other_config: new Map(pinned === undefined ? [] : [['datapath-id', pinned]]),
      external_ids: new Map(),
    },
  }
}

const always = () => true
const decide = (
  candidates: Candidate[],
  served: Candidate[] = [],
  isRegistered: (dpid: string) => boolean = always,
) => {
  const { adopted, refusals } = decideAdoption(
    candidates,
    new Map(served.map((each) => [id, each])),
    isRegistered,
  )
  return { adopted: [...adopted.values()], refused: refusals.map(({ bridge }) => bridge) }
}

test('only what is registered is adopted', () => {
  const ours = bridge('br0', 'unix:/a')
  const theirs = bridge('br1', 'unix:/a', { dpid: other })
  const isOurs = (dpid: string) => dpid === id
  expect(decide([ours, theirs], [], isOurs)).toEqual({ adopted: [ours], refused: [] })
  expect(decideAdoption([ours, theirs], new Map(), isOurs).strangers).toEqual([
    { dpid: other, ovsdb: 'unix:/a', bridge: 'br1' },
  ])
})

test('the configured id counts while ovs-vswitchd says none', () => {
  const waiting = bridge('br0', 'unix:/a', { dpid: '', pinned: '0xAA' })
  expect(decide([waiting]).adopted).toEqual([waiting])
  const changing = bridge('br0', 'unix:/a', { dpid: other, pinned: 'aa' })
  expect(decide([changing], [], (dpid) => dpid === id).adopted).toEqual([])
  expect(decide([bridge('br0', 'unix:/a', { dpid: '' })]).adopted).toEqual([])
})

test('two with one id are refused, but the one in service stays', () => {
  const a = bridge('br0', 'unix:/a')
  const b = bridge('br1', 'unix:/b')
  expect(decide([a, b])).toEqual({ adopted: [], refused: ['br0'] })
  expect(decide([a, b], [a])).toEqual({ adopted: [a], refused: ['br1'] })
})

test('one that cannot be seen any more stays in service until another one lives', () => {
  const away = bridge('br0', 'unix:/a', { live: false })
  const here = bridge('br1', 'unix:/b')
  expect(decide([away], [away])).toEqual({ adopted: [away], refused: [] })
  expect(decide([away])).toEqual({ adopted: [], refused: [] })
  expect(decide([away, here], [away])).toEqual({ adopted: [here], refused: [] })
})

test('one bridge by two addresses is one, by its unix socket', () => {
  const uuid = crypto.randomUUID()
  const far = bridge('br0', 'tcp:10.0.0.1:6640', { uuid })
  const near = bridge('br0', 'unix:/a', { uuid })
  expect(decide([far, near])).toEqual({ adopted: [near], refused: [] })
  expect(decide([far, { ...near, live: false }], [near]).adopted).toEqual([{ ...near, live: false }])
})

test('a name that leads elsewhere is refused', () => {
  for (const name of ['', '.', '..', 'a/b', 'a\0b', 'x'.repeat(65)]) {
    expect(decide([bridge(name, 'unix:/a')])).toEqual({ adopted: [], refused: [name.slice(0, 64)] })
  }
})
