/**
 * What replacing a function costs the packets that flow: 1,000 PACKET_INs a second through a function that is bundled
 * and put to service anew eleven times a second, and the same without. None may be lost.
 *
 *     bun bench/function-swap.ts [--seconds N]
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { compile, type Figures, load, startOurs, stop, wrongAnswers } from './packet-in/load.ts'

const { values } = parseArgs({ options: { seconds: { type: 'string', default: '9' } } })
const rate = 1_000
const swapEveryMs = 90

const folder = await mkdtemp(join(tmpdir(), 'vnet-bench-'))
const tool = compile('ofbench', folder)

async function measure(name: string, everyMs: number): Promise<Figures> {
  const host = await startOurs('host', '--swap-every-ms', `${everyMs}`)
  try {
    const options = [
      '--mode',
      'throughput',
      '--switches',
      '4',
      '--rate',
      `${rate}`,
      '--learn',
      '0',
      '--buffer',
      'none',
    ]
    const figures = await load(tool, host, ...options, '--duration', values.seconds, '--warmup', '1')
    const { p50, p99, max } = figures.lat_us
    const times = `p50 ${p50.toFixed(0)} µs, p99 ${p99.toFixed(0)} µs, longest ${max.toFixed(0)} µs`
    console.log(`${name}: ${figures.answered} answered, ${wrongAnswers(figures)} lost or double, ${times}`)
    return figures
  } finally {
    await stop(host)
  }
}

try {
  const without = await measure('no swap', 0)
  const swapped = await measure(`a swap every ${swapEveryMs} ms`, swapEveryMs)
  const ratio = swapped.lat_us.p99 / without.lat_us.p99
  console.log(`p99 with swaps ÷ without: ${ratio.toFixed(1)}`)
} finally {
  await rm(folder, { recursive: true, force: true })
}
