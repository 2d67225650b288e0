/**
 * PACKET_INs answered a second, and how long one takes, through a learning switch function in the real dispatcher with
 * its watchdog; beside it, in the same run: a C responder that decodes nothing, the same on Bun, and Open vSwitch's own
 * test controller. One core for the answers, one for the load.
 *
 *     bun bench/packet-in.ts [--seconds N] [--switches N]
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import {
  compile,
  type Figures,
  load,
  type Responder,
  startOther,
  startOurs,
  stop,
  wrongAnswers,
} from './packet-in/load.ts'

const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '4' }, switches: { type: 'string', default: '16' } },
})

interface Contender {
  readonly name: string
  /** A text says why it cannot run here. */
  readonly start: (() => Promise<Responder>) | string
}

const folder = await mkdtemp(join(tmpdir(), 'vnet-bench-'))
const tool = compile('ofbench', folder)
const limit = compile('limitresp', folder)
const testController = Bun.which('ovs-testcontroller')
const ours = 'vnet: learning switch function'
const contenders: readonly Contender[] = [
  { name: 'limit: C, decodes nothing', start: () => startOther((port) => [limit, `${port}`, 'po']) },
  { name: 'limit: Bun, decodes nothing', start: () => startOurs('raw-responder') },
  {
    name: 'ovs-testcontroller (C)',
    start:
      testController === null
        ? 'left out: not installed (apt-get install openvswitch-testcontroller)'
        : () =>
            startOther((port) => [
              testController,
              '--noflow',
              `--unixctl=${join(folder, 'ctl')}`,
              `ptcp:${port}:127.0.0.1`,
            ]),
  },
  { name: ours, start: () => startOurs('host') },
]

const millions = ({ answered_per_s, answered_per_cpu_s }: Figures) =>
  `${(answered_per_s / 1e6).toFixed(2)} (${(answered_per_cpu_s / 1e6).toFixed(2)})`.padStart(14)
const us = (time: number) => `${time.toFixed(0)} µs`.padStart(9)

const time = ['--duration', values.seconds, '--warmup', '1']
const throughput = ['--mode', 'throughput', '--switches', values.switches, ...time]

/** Prints a contender's line, and gives its answers in a second of CPU, the whole frame back. */
async function measure(name: string, responder: Responder): Promise<number> {
  const back = await load(tool, responder, ...throughput, '--buffer', 'none')
  const kept = await load(tool, responder, ...throughput, '--buffer', 'unique')
  const one = await load(tool, responder, '--mode', 'latency', ...time, '--buffer', 'none')
  console.log(
    `${name.padEnd(32)}${millions(back)}${millions(kept)}${us(one.lat_us.p50)}${us(one.lat_us.p99)}`,
  )
  const wrong = wrongAnswers(back) + wrongAnswers(kept) + wrongAnswers(one)
  if (wrong > 0) console.log(`  ${wrong} answers missing, double or malformed`)
  return back.answered_per_cpu_s
}

console.log(
  'millions of answers a second (and in a second of the answering CPU); one packet at a time: p50, p99',
)
console.log(
  `${''.padEnd(32)}${'frame back'.padStart(14)}${'by buffer id'.padStart(14)}${'p50'.padStart(9)}${'p99'.padStart(9)}`,
)
const perCpuSecond = new Map<string, number>()
try {
  for (const { name, start } of contenders) {
    if (typeof start === 'string') {
      console.log(`${name.padEnd(32)}  ${start}`)
      continue
    }
    const responder = await start()
    try {
      perCpuSecond.set(name, await measure(name, responder))
    } finally {
      await stop(responder)
    }
  }
} finally {
  await rm(folder, { recursive: true, force: true })
}
for (const [name, figure] of perCpuSecond)
  if (name !== ours)
    console.log(
      `frame back, a second of CPU: vnet ÷ ${name} = ${(perCpuSecond.get(ours)! / figure).toFixed(2)}`,
    )
