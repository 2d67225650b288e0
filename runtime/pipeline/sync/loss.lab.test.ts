import { afterAll, beforeAll, expect, test } from 'bun:test'
import type { Flow, FlowFunction, Unit } from '../flow.ts'
import { type FlowLab, startFlowLab } from './testing-lab.ts'

const timeout_ms = 60_000
const flow_count = 5_000
const pingIntervalS = 0.002

let lab: FlowLab
let version = 0
const machines = ['a', 'b'] as const
const namespaceOf = (machine: string) => `${lab.ovs.netns}-${machine}`

/** Two ports that reach each other through two tables which differ in each version, among thousands of other flows that do too. */
const functions = () => {
  const mine = version
  const datapath: FlowFunction = (unit) => ({ flows: [...path(unit, mine), ...others(unit, mine)] })
  return { datapath }
}

function path(unit: Unit, version: number): Flow[] {
  const table = 201 + (version % 50)
  const hop = (from: number, to: number): Flow[] => [
    {
      table: 0,
      priority: 10,
      cookie: 7n,
      match: [{ field: 'in_port', value: from }],
      instructions: [{ type: 'OFPIT_GOTO_TABLE', table_id: table }],
    },
    {
      table,
      priority: 10,
      cookie: 7n,
      match: [{ field: 'in_port', value: from }],
      instructions: [
        { type: 'OFPIT_APPLY_ACTIONS', actions: [{ type: 'OFPAT_OUTPUT', port: to, max_len: 0 }] },
      ],
    },
  ]
  return unit.datapathId ? [...hop(1, 2), ...hop(2, 1)] : []
}

const others = (_: Unit, version: number): Flow[] =>
  Array.from({ length: flow_count }, (_, i) => ({
    table: 100 + (i % 20),
    priority: 100 + (version % 2),
    cookie: 8n,
    match: [{ field: 'reg1', value: i }],
    instructions: [
      { type: 'OFPIT_APPLY_ACTIONS', actions: [{ type: 'OFPAT_OUTPUT', port: 3 + version, max_len: 0 }] },
    ],
  }))

beforeAll(async () => {
  lab = await startFlowLab(functions(), { limits: { auditIntervalMs: 3_600_000 } })
  for (const [i, machine] of machines.entries()) {
    const netns = namespaceOf(machine)
    const end = `v${machine}`
    const run = (...command: string[]) => Bun.spawnSync(command)
    run('ip', 'netns', 'add', netns)
    await lab.ovs.exec('ip', 'link', 'add', end, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', netns)
    await lab.ovs.exec('ip', 'link', 'set', end, 'up')
    const inside = (...command: string[]) => run('ip', 'netns', 'exec', netns, ...command)
    inside('ip', 'link', 'set', 'eth0', 'address', `02:00:00:00:00:0${i + 1}`)
    inside('ip', 'link', 'set', 'eth0', 'up')
    inside('ip', 'addr', 'add', `10.9.0.${i + 1}/24`, 'dev', 'eth0')
    inside('ip', 'neigh', 'add', `10.9.0.${2 - i}`, 'lladdr', `02:00:00:00:00:0${2 - i}`, 'dev', 'eth0')
    await lab.ovs.vsctl('add-port', 'br0', end, '--', 'set', 'interface', end, `ofport_request=${i + 1}`)
  }
  await lab.connect()
}, timeout_ms)

afterAll(async () => {
  if (!lab) return
  for (const machine of machines) Bun.spawnSync(['ip', 'netns', 'del', namespaceOf(machine)])
  await lab.stop()
}, timeout_ms)

/** Pings while `work` runs and a little longer; how many were sent and how many not answered. */
async function lostWhile(work: () => Promise<void>): Promise<{ sent: number; lost: number }> {
  const command = [
    'ip',
    'netns',
    'exec',
    namespaceOf('a'),
    'ping',
    '-q',
    '-i',
    String(pingIntervalS),
    '10.9.0.2',
  ]
  const ping = Bun.spawn(command, { stdout: 'pipe', stderr: 'ignore' })
  await Bun.sleep(300)
  await work()
  await Bun.sleep(300)
  ping.kill('SIGINT')
  const text = await ping.stdout.text()
  const [, sent, received] = /(\d+) packets transmitted, (\d+) received/.exec(text)!.map(Number)
  // The last one may be under way when it is stopped.
  return { sent: sent!, lost: Math.max(0, sent! - received! - 1) }
}

async function replaceAll(): Promise<void> {
  version++
  lab.hub.push(lab.engine.replaceFunctions(functions()), version)
  const { pending } = await lab.hub.whenApplied(version, timeout_ms)
  expect(pending).toEqual([])
}

test(
  '5,000 flows replaced under traffic lose no packet',
  async () => {
    const before = lab.sent.messages
    const { sent, lost } = await lostWhile(async () => {
      for (let i = 0; i < 3; i++) await replaceAll()
    })
    expect(sent).toBeGreaterThan(200)
    expect(lab.sent.messages - before).toBeGreaterThan(3 * flow_count)
    expect(lost).toBe(0)
    expect(await lab.differences()).toEqual([])
  },
  timeout_ms,
)

test(
  'a resync of a switch whose other flows are gone loses none',
  async () => {
    const { sent, lost } = await lostWhile(async () => {
      lab.disconnect()
      await lab.ovs.ofctl('del-flows', 'br0', 'cookie=8/-1')
      await lab.connect()
    })
    expect(sent).toBeGreaterThan(200)
    expect(lost).toBe(0)
    expect(await lab.differences()).toEqual([])
  },
  timeout_ms,
)

test(
  'control: deleting all flows for a moment does lose packets',
  async () => {
    const { lost } = await lostWhile(async () => {
      await lab.ovs.ofctl('del-flows', 'br0')
      await Bun.sleep(50)
      await lab.hub.get(1)!.audit()
      await lab.ovs.appctl('revalidator/wait')
    })
    expect(lost).toBeGreaterThan(0)
  },
  timeout_ms,
)
