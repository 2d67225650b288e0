/**
 * Figures of the flow engine and the synchroniser: `bun bench/flows.ts`. The engine runs anywhere; the switch is a real
 * Open vSwitch of its own (root), left out where there is none.
 */

import { createEngine } from '../runtime/pipeline/engine/engine.ts'
import { datapathOfPorts, flowOf, place, TestState } from '../runtime/pipeline/engine/testing.ts'
import type { Flow, FlowFunction } from '../runtime/pipeline/flow.ts'
import { type FlowLab, startFlowLab } from '../runtime/pipeline/sync/testing-lab.ts'

const flowsPerPort = 10
const rounds = 100

const ms = (from: number) => (Bun.nanoseconds() - from) / 1e6
const median = (values: number[]) => values.sort((a, b) => a - b)[values.length >>> 1]!
const print = (what: string, value: number, aim?: number) =>
  console.log(
    `${what.padEnd(64)} ${value.toFixed(2).padStart(8)} ms${aim === undefined ? '' : `   aim ${aim} ms, ${(value / aim).toFixed(2)} of it`}`,
  )

/** Ten flows a port: registers, a jump, an output. */
const tenFlows: FlowFunction = (unit, state) => ({
  flows: state.activeInterfaces.many('pair', unit.objectId, unit.datapathId).flatMap(({ port_number }) =>
    Array.from({ length: flowsPerPort }, (_, table): Flow => {
      const flow = flowOf(unit, table, 100, port_number!, 2)
      const match = [
        { field: 'reg0', value: port_number! },
        ...flow.match,
        { field: 'eth_dst', value: '02:00:00:00:00:01' },
        { field: 'eth_type', value: 0x0800 },
      ]
      return {
        ...flow,
        match,
        instructions: [...flow.instructions, { type: 'OFPIT_GOTO_TABLE', table_id: table + 1 }],
      }
    }),
  ),
})
const functions = { datapath: datapathOfPorts, port: tenFlows }

function engineWith(ports: number) {
  const state = new TestState()
  for (let id = 1; id <= ports; id++) state.put('activeInterfaces', id, place(id, 1, id))
  const onProblem = (problem: { what: string }) => {
    throw new Error(problem.what)
  }
  return { state, engine: createEngine({ functions, state: state.view, onProblem }) }
}

function benchEngine(ports: number, aim: number): void {
  const { state, engine } = engineWith(ports)
  const from = Bun.nanoseconds()
  engine.attach(1)
  const full = ms(from)
  const added: number[] = []
  for (let id = ports + 1; id <= ports + rounds; id++) {
    const start = Bun.nanoseconds()
    engine.change(state.put('activeInterfaces', id, place(id, 1, id)))
    added.push(ms(start))
    engine.change(state.remove('activeInterfaces', id))
  }
  print(`${ports} ports, ${ports * flowsPerPort} flows: computed from nothing`, full)
  print(`${ports} ports: one more, p50`, median(added), aim)
}

async function benchSwitch(lab: FlowLab, ports: number): Promise<void> {
  const flows = ports * flowsPerPort
  for (let id = 1; id <= ports; id++) lab.state.put('activeInterfaces', id, place(id, 1, id))
  let from = Bun.nanoseconds()
  await lab.connect()
  print(`${flows} flows to an empty Open vSwitch, connect to acknowledged`, ms(from))
  const again: number[] = []
  for (let round = 0; round < 5; round++) {
    lab.hub.leave(1)
    from = Bun.nanoseconds()
    lab.rejoin()
    await lab.settled()
    again.push(ms(from))
  }
  print(`${flows} flows: resync of a switch that has them`, median(again), (60 * flows) / 5_000)
  const added: number[] = []
  for (let id = ports + 1; id <= ports + rounds; id++) {
    from = Bun.nanoseconds()
    lab.push(lab.state.put('activeInterfaces', id, place(id, 1, id)))
    await lab.settled()
    added.push(ms(from))
  }
  print(`${ports} ports on Open vSwitch: one more, acknowledged, p50`, median(added), 5)
  const differences = await lab.differences()
  if (differences.length > 0) throw new Error(differences.slice(0, 3).join('\n'))
}

for (const ports of [10, 100, 1_000, 1_000]) benchEngine(ports, 1)
if (Bun.which('ovs-vswitchd', { PATH: `${process.env['PATH']}:/usr/sbin` }) && process.getuid?.() === 0)
  for (const ports of [10, 500, 1_000]) {
    const lab = await startFlowLab(functions)
    try {
      await benchSwitch(lab, ports)
    } finally {
      await lab.stop()
    }
  }
