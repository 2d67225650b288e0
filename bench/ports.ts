/**
 * Ports in one request, and one more port, from the API request until a real Open vSwitch has acknowledged the flows.
 *   bun bench/ports.ts        (root)
 */
import { startBigNetwork } from './support/big-network.ts'
import { against, cpuMs, p50, pidOf, printLoad, timed } from './support/measure.ts'

const sizes = [1, 10, 100, 1_000]
const oneMoreRounds = 20
const againRounds = 3
const aimThousandMs = 300
const aimOneMoreMs = 5

const network = await startBigNetwork(1_000 + oneMoreRounds)
const vswitchd = pidOf('ovs-vswitchd', network.openVswitch.dir)

/** Wall time, and CPU time of the host and of Open vSwitch. */
async function costOf(run: () => Promise<unknown>) {
  const before = [cpuMs(network.host.pid), cpuMs(vswitchd)] as const
  const ms = await timed(run)
  return { ms, host: cpuMs(network.host.pid) - before[0], vswitchd: cpuMs(vswitchd) - before[1] }
}

try {
  printLoad()
  // The uplink, the peers and the compiler of the host have their first time behind them.
  await network.plug(0, 1)
  await network.unplug(0, 1)
  console.log('ports in one request                 CPU: host   vswitchd   flows a port   one more, p50')
  let there = 0
  for (const size of sizes) {
    const count = size - there
    const flowsBefore = await network.flows()
    const cost = await costOf(() => network.plug(there, count))
    const flows = ((await network.flows()) - flowsBefore) / count
    there = size
    const more: number[] = []
    for (let round = 0; round < oneMoreRounds; round++) {
      more.push(await timed(() => network.plug(there, 1)))
      await network.unplug(there, 1)
    }
    const cells = [
      `+${count}`.padStart(5),
      `${cost.ms.toFixed(1)} ms`.padStart(14),
      `${cost.host} ms`.padStart(28),
      `${cost.vswitchd} ms`.padStart(10),
      flows.toFixed(1).padStart(13),
      `${p50(more).toFixed(1)} ms`.padStart(17),
    ]
    console.log(cells.join(' '))
    if (size === 1_000) console.log(`one more with 1,000: ${against(p50(more), aimOneMoreMs, 'ms')}`)
  }
  for (let round = 0; round < againRounds; round++) {
    await network.unplug(0, 1_000)
    const { ms, host, vswitchd: switched } = await costOf(() => network.plug(0, 1_000))
    console.log(
      `1,000 in one request, again: ${against(ms, aimThousandMs, 'ms')}, CPU host ${host} ms, vswitchd ${switched} ms`,
    )
  }
} finally {
  await network.stop()
}
