import { describe, expect, test } from 'bun:test'
import type { FlowFunction } from '../flow.ts'
import { deltaSize } from './delta.ts'
import { datapathOfPorts, flowOf, place, portFlows } from './testing.ts'
import { sizes, world } from './testing-world.ts'

describe('engine', () => {
  test('attach computes everything; a change computes only what read it', () => {
    const { state, calls, engine, agrees } = world()
    for (let id = 1; id <= 20; id++) state.put('activeInterfaces', id, place(id, 1, id))
    expect(sizes(engine.attach(1))).toEqual([40, 0, 0])
    expect(calls).toHaveLength(21)
    agrees()
    calls.length = 0
    const moved = engine.change(state.put('activeInterfaces', 7, place(7, 1, 107)))
    expect(sizes(moved.get(1))).toEqual([2, 0, 2])
    expect(calls).toEqual(['datapath/1', 'port/7'])
    agrees()
  })

  test('attaching what is attached loses nothing of what was invalidated', () => {
    const { state, engine, agrees } = world()
    state.put('activeInterfaces', 1, place(1, 1, 1))
    engine.attach(1)
    for (const key of state.put('activeInterfaces', 2, place(2, 1, 2))) engine.invalidate(key)
    expect(sizes(engine.attach(1))).toEqual([0, 0, 0])
    expect(sizes(engine.settle().get(1))).toEqual([2, 0, 0])
    agrees()
  })

  test('new and vanished children', () => {
    const { state, engine, agrees } = world()
    state.put('activeInterfaces', 1, place(1, 1, 1))
    engine.attach(1)
    expect(sizes(engine.change(state.put('activeInterfaces', 2, place(2, 1, 2))).get(1))).toEqual([2, 0, 0])
    agrees()
    expect(sizes(engine.change(state.remove('activeInterfaces', 1)).get(1))).toEqual([0, 0, 2])
    expect(engine.unitCount(1)).toBe(2)
    agrees()
  })

  test('what nobody read changes nothing', () => {
    const { state, calls, engine } = world()
    engine.attach(1)
    calls.length = 0
    expect(engine.change(state.put('networks', 1, { uuid: 'nw-a' })).size).toBe(0)
    expect(engine.change(state.put('activeInterfaces', 9, place(9, 2, 9))).size).toBe(0)
    expect(calls).toEqual([])
  })

  test('datapaths are apart; a move from one to another changes both', () => {
    const { state, engine, agrees } = world()
    state.put('activeInterfaces', 1, place(1, 1, 5))
    engine.attach(1)
    engine.attach(2)
    const deltas = engine.change(state.put('activeInterfaces', 1, place(1, 2, 5)))
    expect(sizes(deltas.get(1))).toEqual([0, 0, 2])
    expect(sizes(deltas.get(2))).toEqual([2, 0, 0])
    agrees(1)
    agrees(2)
    engine.detach(2)
    expect(engine.change(state.remove('activeInterfaces', 1)).size).toBe(0)
    expect(engine.desired(2)).toBeUndefined()
  })

  test('a function that throws keeps what its unit had, and is run again when its reads change', () => {
    const failing: FlowFunction = (unit, state) => {
      const output = portFlows(unit, state)
      if (output.flows.some(({ match }) => match[0]?.value === 13)) throw new Error('unlucky')
      return output
    }
    const { state, engine, problems, agrees } = world({ datapath: datapathOfPorts, port: failing })
    state.put('activeInterfaces', 1, place(1, 1, 1))
    state.put('activeInterfaces', 2, place(2, 1, 2))
    engine.attach(1)
    const deltas = engine.change(state.put('activeInterfaces', 1, place(1, 1, 13)))
    expect(deltas.size).toBe(0)
    expect(engine.desired(1)!.flows.size).toBe(4)
    expect(problems.map(({ problem }) => problem.what)).toEqual([expect.stringContaining('unlucky')])
    expect(problems[0]!.problem.where).toBe('port 1 on datapath 1')
    expect(engine.compare(1)).not.toEqual([])
    expect(sizes(engine.change(state.put('activeInterfaces', 1, place(1, 1, 14))).get(1))).toEqual([2, 0, 2])
    agrees()
  })

  test('a flow that cannot be encoded, a cookie of 0 and an unknown feature are problems of their unit', () => {
    const datapath: FlowFunction = ({ datapathId }) => ({
      flows: [],
      children: ['wrong', 'zero', 'nowhere', 'port'].map((feature) => ({ feature, datapathId, objectId: 1 })),
    })
    const wrong: FlowFunction = (unit) => ({
      flows: [
        flowOf(unit, 0, 1, 1, 1),
        { ...flowOf(unit, 0, 2, 2, 2), match: [{ field: 'no_such', value: 1 }] },
      ],
    })
    const zero: FlowFunction = (unit) => ({ flows: [{ ...flowOf(unit, 0, 3, 3, 3), cookie: 0n }] })
    const { state, engine, problems } = world({ datapath, wrong, zero, port: portFlows })
    state.put('activeInterfaces', 1, place(1, 1, 1))
    expect(sizes(engine.attach(1))).toEqual([2, 0, 0])
    expect(problems.map(({ problem }) => problem.where)).toEqual([
      'wrong 1 on datapath 1.flows[1]',
      'zero 1 on datapath 1.flows[0]',
      'nowhere 1 on datapath 1',
    ])
  })

  test('a function that gives no flows, or a promise of them, is a problem and takes nothing away', () => {
    const { state, engine, problems } = world()
    state.put('activeInterfaces', 1, place(1, 1, 1))
    engine.attach(1)
    for (const wrong of [async () => ({ flows: [] }), () => undefined, () => ({ flow: [] })])
      expect(
        engine.replaceFunctions({ datapath: datapathOfPorts, port: wrong as unknown as FlowFunction }).size,
      ).toBe(0)
    expect(problems).toHaveLength(3)
    expect(engine.desired(1)!.flows.size).toBe(2)
  })

  test('two units that give the same flow: the first stays, both are named, the oracle says so too', () => {
    const same: FlowFunction = (unit, state) => ({
      flows: state.activeInterfaces
        .many('pair', unit.objectId, unit.datapathId)
        .map(() => flowOf(unit, 3, 50, 1, unit.objectId)),
    })
    const { state, engine, problems, agrees } = world({ datapath: datapathOfPorts, port: same })
    state.put('activeInterfaces', 5, place(5, 1, 1))
    engine.attach(1)
    expect(engine.change(state.put('activeInterfaces', 4, place(4, 1, 2))).size).toBe(0)
    expect(problems[0]!.problem.where).toBe('port 4 on datapath 1')
    expect(problems[0]!.problem.expected).toContain('port 5 on datapath 1')
    expect([...engine.desired(1)!.flows.values()].map(({ unit }) => unit.objectId)).toEqual([5])
    expect(engine.compare(1).some(({ kind }) => kind === 'problem')).toBe(true)
    expect(sizes(engine.change(state.remove('activeInterfaces', 5)).get(1))).toEqual([0, 1, 0])
    agrees()
  })

  test('a unit with two parents goes with the last of them', () => {
    const datapath: FlowFunction = ({ datapathId }, state) => ({
      flows: [],
      children: state.activeNetworks
        .many('datapath', datapathId)
        .map(({ id }) => ({ feature: 'network', datapathId, objectId: id })),
    })
    const network: FlowFunction = ({ datapathId }) => ({
      flows: [],
      children: [{ feature: 'shared', datapathId, objectId: 1 }],
    })
    const shared: FlowFunction = (unit) => ({ flows: [flowOf(unit, 0, 1, 1, 1)] })
    const { state, engine, agrees } = world({ datapath, network, shared })
    state.put('activeNetworks', 1, { datapath_id: 1, network_id: 1 })
    state.put('activeNetworks', 2, { datapath_id: 1, network_id: 2 })
    expect(sizes(engine.attach(1))).toEqual([1, 0, 0])
    expect(engine.change(state.remove('activeNetworks', 1)).size).toBe(0)
    agrees()
    expect(sizes(engine.change(state.remove('activeNetworks', 2)).get(1))).toEqual([0, 0, 1])
    expect(engine.unitCount(1)).toBe(1)
    agrees()
  })

  test('a unit that changes parents within one change keeps its flows', () => {
    const byNetwork: FlowFunction = ({ datapathId }, state) => ({
      flows: [],
      children: state.activeNetworks
        .many('datapath', datapathId)
        .map(({ id }) => ({ feature: 'network', datapathId, objectId: id })),
    })
    const network: FlowFunction = ({ datapathId, objectId }, state) => ({
      flows: [],
      children: state.interfaceNetworks
        .many('network', objectId)
        .map((row) => ({ feature: 'member', datapathId, objectId: row.interface_id })),
    })
    const member: FlowFunction = (unit, state) => {
      const networks = state.interfaceNetworks.many('interface', unit.objectId)
      return { flows: networks.length > 0 ? [flowOf(unit, 0, 1, unit.objectId, 1)] : [] }
    }
    for (const [from, to] of [
      [1, 2],
      [2, 1],
    ] as const) {
      const { state, engine, agrees, calls } = world({ datapath: byNetwork, network, member })
      state.put('activeNetworks', 1, { datapath_id: 1, network_id: 1 })
      state.put('activeNetworks', 2, { datapath_id: 1, network_id: 2 })
      state.put('interfaceNetworks', 1, { interface_id: 9, network_id: from })
      expect(sizes(engine.attach(1))).toEqual([1, 0, 0])
      calls.length = 0
      expect(engine.change(state.put('interfaceNetworks', 1, { interface_id: 9, network_id: to })).size).toBe(
        0,
      )
      expect(calls.filter((call) => call === 'member/9')).toHaveLength(1)
      agrees()
    }
  })

  test('a unit cannot be its own descendant', () => {
    const datapath: FlowFunction = ({ datapathId }) => ({
      flows: [],
      children: [{ feature: 'loop', datapathId, objectId: 1 }],
    })
    const loop: FlowFunction = ({ datapathId, objectId }) => ({
      flows: [],
      children: [{ feature: 'loop', datapathId, objectId: 3 - objectId }],
    })
    const { engine, problems } = world({ datapath, loop })
    engine.attach(1)
    expect(engine.unitCount(1)).toBe(3)
    expect(problems.map(({ problem }) => problem.what)).toEqual(['a unit cannot be its own descendant'])
  })

  test('replacing the functions sends only what differs', () => {
    const { state, engine, agrees } = world()
    for (let id = 1; id <= 10; id++) state.put('activeInterfaces', id, place(id, 1, id))
    engine.attach(1)
    expect(
      engine.replaceFunctions({ datapath: datapathOfPorts, port: (unit, s) => portFlows(unit, s) }).size,
    ).toBe(0)
    const extra: FlowFunction = (unit, s) => ({
      flows: [...portFlows(unit, s).flows, flowOf(unit, 7, 1, unit.objectId, 7)],
    })
    expect(sizes(engine.replaceFunctions({ datapath: datapathOfPorts, port: extra }).get(1))).toEqual([
      10, 0, 0,
    ])
    agrees()
    const none: FlowFunction = () => ({ flows: [] })
    expect(sizes(engine.replaceFunctions({ datapath: datapathOfPorts, port: none }).get(1))).toEqual([
      0, 0, 30,
    ])
    agrees()
  })

  test('meters, groups, tunnel ports and the uplink are in the delta', () => {
    const datapath: FlowFunction = ({ datapathId }, state) => {
      const rate = state.activeInterfaces.many('datapath', datapathId).length + 1
      return {
        flows: [],
        meters: [
          { meter_id: 1, flags: ['OFPMF_PKTPS'], bands: [{ type: 'OFPMBT_DROP', rate, burst_size: 0 }] },
        ],
        groups: [
          {
            group_id: 1,
            type: 'OFPGT_ALL',
            buckets: [{ actions: [{ type: 'OFPAT_OUTPUT', port: rate, max_len: 0 }] }],
          },
        ],
        tunnelPorts: [{ name: 't0', type: 'gre', options: { key: 'flow', remote_ip: 'flow' } }],
        uplink: `eth${rate}`,
      }
    }
    const { state, engine, agrees } = world({ datapath })
    const delta = engine.attach(1)
    const { meters, groups, tunnelPorts, uplinks } = delta
    expect([meters, groups, tunnelPorts, uplinks].map(({ added }) => added.length)).toEqual([1, 1, 1, 1])
    const changed = engine.change(state.put('activeInterfaces', 1, place(1, 1, 1))).get(1)!
    expect([changed.meters.changed.length, changed.groups.changed.length]).toEqual([1, 1])
    expect(changed.uplinks.changed.map(({ body }) => body)).toEqual(['eth2'])
    expect(deltaSize(changed)).toBe(3)
    agrees()
  })

  test('with 5,000 units, a change costs those that read it', () => {
    const { state, calls, engine, agrees } = world()
    for (let id = 1; id <= 5_000; id++) state.put('activeInterfaces', id, place(id, 1, id))
    engine.attach(1)
    calls.length = 0
    expect(sizes(engine.change(state.put('activeInterfaces', 5_001, place(5_001, 1, 5_001))).get(1))).toEqual(
      [2, 0, 0],
    )
    expect(calls).toEqual(['datapath/1', 'port/5001'])
    agrees()
  })

  test('a function that fails everywhere is told of a limited number of times', () => {
    const broken: FlowFunction = () => {
      throw new Error('broken')
    }
    const { state, engine, problems } = world({ datapath: datapathOfPorts, port: broken })
    for (let id = 1; id <= 1_000; id++) state.put('activeInterfaces', id, place(id, 1, id))
    engine.attach(1)
    expect(problems.length).toBeLessThan(100)
    expect(problems.at(-1)!.problem.what).toMatch(/^9\d\d more problems/)
  })

  test('units that give units for ever are cut off, and said so once', () => {
    const each = 2
    const many: FlowFunction = ({ datapathId, objectId }) => ({
      flows: [],
      children: Array.from({ length: each }, (_, n) => ({
        feature: 'many',
        datapathId,
        objectId: objectId * each + n + 1,
      })),
    })
    const datapath: FlowFunction = ({ datapathId }) => ({
      flows: [],
      children: [{ feature: 'many', datapathId, objectId: 1 }],
    })
    const { engine, problems } = world({ datapath, many })
    engine.attach(1)
    expect(engine.unitCount(1)).toBe(500_000)
    expect(problems.map(({ problem }) => problem.what)).toEqual([expect.stringContaining('too many units')])
  }, 60_000)
})
