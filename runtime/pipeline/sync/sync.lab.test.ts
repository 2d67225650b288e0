import { afterEach, describe, expect, test } from 'bun:test'
import { eventually } from '../../../tests/support/open-vswitch.ts'
import { datapathOfPorts, flowOf, place, portFlows } from '../engine/testing.ts'
import type { Action, FlowFunction, Instruction } from '../flow.ts'
import { type FlowLab, startFlowLab } from './testing-lab.ts'

const timeout_ms = 60_000
const rarely = { auditIntervalMs: 3_600_000 }

const labs: FlowLab[] = []
afterEach(async () => {
  for (const lab of labs.splice(0)) await lab.stop()
}, timeout_ms)

async function started(
  ports: number,
  functions = { datapath: datapathOfPorts, port: portFlows } as Record<string, FlowFunction>,
) {
  const lab = await startFlowLab(functions, { limits: rarely })
  labs.push(lab)
  for (let id = 1; id <= ports; id++) lab.state.put('activeInterfaces', id, place(id, 1, id))
  return lab
}

const toUnknownGroup: Instruction[] = [
  { type: 'OFPIT_APPLY_ACTIONS', actions: [{ type: 'OFPAT_GROUP', group_id: 4_711 }] },
]

/** A meter, a group and a flow that uses both for each port; a port's number is its meter's rate. */
const metered: FlowFunction = (unit, state) => {
  const places = state.activeInterfaces.many('datapath', unit.datapathId)
  return {
    meters: places.map(({ id, port_number }) => ({
      meter_id: id,
      flags: ['OFPMF_PKTPS'],
      bands: [{ type: 'OFPMBT_DROP' as const, rate: port_number!, burst_size: 0 }],
    })),
    groups: places.map(({ id }) => ({
      group_id: id,
      type: 'OFPGT_ALL' as const,
      buckets: [{ actions: [{ type: 'OFPAT_OUTPUT', port: id, max_len: 0 }] }],
    })),
    flows: places.map(({ id }) => {
      const actions: Action[] = [{ type: 'OFPAT_GROUP', group_id: id }]
      return {
        ...flowOf(unit, 0, 1, id, 1),
        instructions: [
          { type: 'OFPIT_METER', meter_id: id },
          { type: 'OFPIT_APPLY_ACTIONS', actions },
        ],
      }
    }),
  }
}

const inStep = async (lab: FlowLab) => expect(await lab.differences()).toEqual([])

describe('resync', () => {
  test(
    'sends everything to an empty switch, nothing to an equal one, one difference as one',
    async () => {
      const lab = await started(500)
      await lab.connect()
      expect(lab.sent.messages).toBe(1_000)
      await inStep(lab)
      lab.disconnect()
      await lab.connect()
      expect(lab.sent.messages).toBe(1_000)
      lab.disconnect()
      lab.engine.change(lab.state.put('activeInterfaces', 7, place(7, 1, 1_007)))
      await lab.connect()
      expect(lab.sent.messages).toBe(1_004)
      await inStep(lab)
    },
    timeout_ms,
  )

  test(
    'removes what is foreign, also in tables of ours, and keeps what the switch learnt',
    async () => {
      const lab = await started(5)
      for (const flow of [
        'table=0,priority=5,in_port=99,actions=drop',
        'table=77,actions=NORMAL',
        'table=200,in_port=5,actions=drop',
        'cookie=0x5,table=1,priority=1,ip,nw_src=10.0.0.0/8,actions=output:3',
      ])
        await lab.ovs.ofctl('add-flow', 'br0', flow)
      await lab.ovs.ofctl('add-group', 'br0', 'group_id=9,type=all,bucket=output:1')
      await lab.ovs.ofctl('add-meter', 'br0', 'meter=9,kbps,band=type=drop,rate=10')
      await lab.connect()
      expect(await lab.flowCount()).toBe(11)
      expect(await lab.ovs.ofctl('dump-groups', 'br0')).not.toContain('group_id')
      expect(await lab.ovs.ofctl('dump-meters', 'br0')).not.toContain('meter=')
      await inStep(lab)
    },
    timeout_ms,
  )

  test(
    'touches nothing of a datapath that is not registered',
    async () => {
      const lab = await started(5)
      await lab.connect()
      lab.disconnect()
      const detached = lab.engine.attach
      lab.engine.detach(1)
      lab.engine.attach = () => detached(2)
      await lab.ovs.ofctl('add-flow', 'br0', 'table=77,actions=NORMAL')
      await expect(Promise.race([lab.connect(), Bun.sleep(500).then(() => 'waits')])).rejects.toThrow(
        'not applied',
      )
      expect(await lab.flowCount()).toBe(11)
    },
    timeout_ms,
  )

  test(
    'a killed ovs-vswitchd gets its flows back',
    async () => {
      const lab = await started(200)
      await lab.connect()
      await lab.ovs.killVswitchd()
      await eventually('the switch to leave', () => lab.session === undefined)
      const affected = lab.state.put('activeInterfaces', 201, place(201, 1, 201))
      lab.push(affected)
      await lab.ovs.startVswitchd()
      await lab.joined()
      expect(await lab.flowCount()).toBe(402)
      await inStep(lab)
    },
    timeout_ms,
  )

  test(
    'a bundle that dies in the middle leaves the old flows, and the next join brings all',
    async () => {
      const lab = await started(3_000)
      let closed = false
      lab.wrap = (port) => ({
        ...port,
        bundle: (messages, timeoutMs) => {
          const answer = port.bundle(messages, timeoutMs)
          if (!closed) setTimeout(() => lab.session?.close(), 1)
          closed = true
          return answer
        },
      })
      lab.engine.attach(1)
      await lab.connect().catch(() => {})
      await eventually(
        'a second session in step',
        async () => lab.hub.get(1) !== undefined && (await lab.hub.get(1)!.whenApplied(0, 5_000)),
      )
      expect(closed).toBe(true)
      expect(await lab.flowCount()).toBe(6_000)
      await inStep(lab)
    },
    timeout_ms,
  )
})

describe('deltas', () => {
  test(
    'follow the state, also many at once',
    async () => {
      const lab = await started(50)
      await lab.connect()
      for (let id = 51; id <= 80; id++) lab.push(lab.state.put('activeInterfaces', id, place(id, 1, id)))
      for (let id = 1; id <= 20; id++) lab.push(lab.state.remove('activeInterfaces', id))
      await lab.settled()
      expect(await lab.flowCount()).toBe(120)
      await inStep(lab)
    },
    timeout_ms,
  )

  test(
    'a changed cookie, time-out or flag reaches the switch',
    async () => {
      let cookie = 1n
      let idle_timeout = 0
      let flags: string[] = []
      const one: FlowFunction = (unit) => ({
        flows: [{ ...flowOf(unit, 0, 1, 1, 1), cookie, idle_timeout, flags }],
      })
      const lab = await started(0, { datapath: one })
      await lab.connect()
      for (const change of [
        () => (cookie = 2n),
        () => (idle_timeout = 500),
        () => (flags = ['OFPFF_SEND_FLOW_REM']),
      ]) {
        change()
        lab.hub.push(lab.engine.replaceFunctions({ datapath: (unit, state) => one(unit, state) }), 0)
        await eventually('the switch to be in step', async () => (await lab.differences()).length === 0)
      }
      expect(await lab.ovs.ofctl('dump-flows', 'br0')).toMatch(
        /cookie=0x2, .*idle_timeout=500, .*send_flow_rem/,
      )
    },
    timeout_ms,
  )

  test(
    'meters come before the flows that use them and go after',
    async () => {
      const lab = await started(5, { datapath: metered })
      await lab.connect()
      await inStep(lab)
      for (const affected of [
        lab.state.put('activeInterfaces', 6, place(6, 1, 6)),
        lab.state.put('activeInterfaces', 1, place(1, 1, 77)),
        lab.state.remove('activeInterfaces', 2),
      ]) {
        lab.push(affected)
        await lab.settled()
        await inStep(lab)
      }
      expect(lab.problems).toEqual([])
      expect(await lab.ovs.ofctl('dump-meters', 'br0')).toContain('rate=77')
      expect(await lab.flowCount()).toBe(5)
    },
    timeout_ms,
  )

  test(
    'of what another controller added or removed just before, there is one in the end, and nothing is refused',
    async () => {
      const lab = await started(2, { datapath: metered })
      await lab.connect()
      await lab.ovs.ofctl('add-meter', 'br0', 'meter=3,pktps,band=type=drop,rate=9')
      await lab.ovs.ofctl('add-group', 'br0', 'group_id=3,type=all,bucket=output:9')
      lab.push(lab.state.put('activeInterfaces', 3, place(3, 1, 3)))
      await lab.settled()
      await inStep(lab)
      await lab.ovs.ofctl('del-meter', 'br0', 'meter=3')
      lab.push(lab.state.put('activeInterfaces', 3, place(3, 1, 33)))
      await lab.settled()
      expect(await lab.ovs.ofctl('dump-meters', 'br0')).toContain('rate=33')
      expect(lab.problems).toEqual([])
    },
    timeout_ms,
  )
})

describe('a switch without bundles', () => {
  test(
    'is kept in step by ordered messages, and a refused flow costs its unit alone',
    async () => {
      const broken: FlowFunction = (unit, state) => {
        const { flows } = portFlows(unit, state)
        return {
          flows: flows.map((flow) =>
            unit.objectId === 3 ? { ...flow, instructions: toUnknownGroup } : flow,
          ),
        }
      }
      const lab = await started(10, { datapath: datapathOfPorts, port: broken })
      lab.wrap = (port) => ({
        ...port,
        hasBundles: false,
        bundle: () => Promise.reject(new Error('no bundles')),
      })
      await lab.connect()
      expect(await lab.flowCount()).toBe(18)
      expect(lab.problems).toHaveLength(1)
      lab.push(lab.state.remove('activeInterfaces', 3))
      lab.push(lab.state.put('activeInterfaces', 4, place(4, 1, 44)))
      await lab.settled()
      expect(await lab.flowCount()).toBe(18)
      await inStep(lab)
    },
    timeout_ms,
  )
})

describe('what the switch refuses', () => {
  test(
    'costs its unit alone, says so, and is tried again when the unit changes',
    async () => {
      const picky: FlowFunction = (unit, state) => {
        const { flows } = portFlows(unit, state)
        const unknownGroup: Action[] = [{ type: 'OFPAT_GROUP', group_id: 4_711 }]
        const isBad = flows[0]?.match[0]?.value === 5
        return {
          flows: isBad
            ? [
                ...flows,
                {
                  ...flowOf(unit, 2, 1, 5, 1),
                  instructions: [{ type: 'OFPIT_APPLY_ACTIONS', actions: unknownGroup }],
                },
              ]
            : flows,
        }
      }
      const lab = await started(20, { datapath: datapathOfPorts, port: picky })
      await lab.connect()
      expect(await lab.flowCount()).toBe(38)
      expect(lab.problems).toHaveLength(1)
      expect(lab.problems[0]).toContain('port/5')
      expect((await lab.differences()).some((line) => line.startsWith('refused'))).toBe(true)
      lab.push(lab.state.put('activeInterfaces', 21, place(21, 1, 21)))
      await lab.settled()
      expect(await lab.flowCount()).toBe(40)
      lab.push(lab.state.put('activeInterfaces', 5, place(5, 1, 55)))
      await lab.settled()
      expect(await lab.flowCount()).toBe(42)
      await inStep(lab)
    },
    timeout_ms,
  )
})

describe('audit', () => {
  test(
    'repairs flows, groups and meters that were changed by hand, and counts',
    async () => {
      const lab = await started(10)
      await lab.connect()
      await lab.ovs.ofctl('--strict', 'del-flows', 'br0', 'table=0,priority=100,in_port=3')
      await lab.ovs.ofctl('--strict', 'mod-flows', 'br0', 'table=1,priority=100,in_port=4,actions=drop')
      await lab.ovs.ofctl('add-flow', 'br0', 'table=50,actions=NORMAL')
      await lab.ovs.ofctl('add-meter', 'br0', 'meter=9,kbps,band=type=drop,rate=10')
      expect(await lab.hub.get(1)!.audit()).toBe(4)
      await lab.settled()
      await eventually('the repairs', async () => (await lab.differences()).length === 0)
      expect(lab.hub.get(1)!.statistics.drifts).toBe(4)
      expect(await lab.hub.get(1)!.audit()).toBe(0)
    },
    timeout_ms,
  )
})
