/**
 * Ports in one request, and one more port, from the request until a real Open vSwitch has acknowledged the flows; beside
 * OVN in the same run, where it is installed.
 *   bun bench/ports.ts        (root)
 */
import { startBigOvn } from './ovn/big-network.ts'
import { type PortNetwork, startBigNetwork } from './support/big-network.ts'
import { against, costOf, ofPeer, p50, printLoad, ratios, timed } from './support/measure.ts'

const sizes = [1, 10, 100, 1_000]
const oneMoreRounds = 20
const againRounds = 3
const aimThousandMs = 300
const aimOneMoreMs = 5

async function grow(network: PortNetwork, there: number, size: number): Promise<number[]> {
  const count = size - there
  const flowsBefore = await network.flows()
  const cost = await costOf(network, () => network.plug(there, count))
  const flows = ((await network.flows()) - flowsBefore) / count
  const more: number[] = []
  const moreCost = await costOf(network, async () => {
    for (let round = 0; round < oneMoreRounds; round++) {
      more.push(await timed(() => network.plug(size, 1)))
      await network.unplug(size, 1)
    }
  })
  // It comes and goes.
  const moreCpu = moreCost.control / oneMoreRounds / 2
  const cells = [
    `  ${network.name}`.padEnd(20),
    `${cost.ms.toFixed(1)} ms`.padStart(10),
    `${cost.control} ms`.padStart(12),
    `${cost.vswitchd} ms`.padStart(10),
    flows.toFixed(1).padStart(13),
    `${p50(more).toFixed(1)} ms`.padStart(15),
    `${moreCpu.toFixed(1)} ms`.padStart(11),
  ]
  console.log(cells.join(' '))
  return [cost.ms, cost.control, flows, p50(more), moreCpu]
}

const ours = await startBigNetwork(sizes.at(-1)! + oneMoreRounds)
let ovn: PortNetwork | undefined
try {
  ovn = await startBigOvn(sizes.at(-1)! + oneMoreRounds)
  // Beside ours as long as it goes.
  let peer = ovn
  printLoad()
  for (const network of [ours, ovn]) {
    // The uplink, the peers and the compiler of the host have their first time behind them.
    await network?.plug(0, 1)
    await network?.unplug(0, 1)
  }
  console.log(
    'ports in one request          CPU: control   vswitchd   flows a port   one more, p50   CPU: control',
  )
  let there = 0
  for (const size of sizes) {
    console.log(`+${size - there}`)
    const figures = [await grow(ours, there, size)]
    const theirs = peer && (await ofPeer(peer.name, () => grow(peer!, there, size)))
    if (theirs === undefined) peer = undefined
    else figures.push(theirs)
    ratios(['time', 'CPU', 'flows a port', 'one more', 'its CPU'], figures)
    there = size
    if (size === 1_000) console.log(`one more with 1,000: ${against(figures[0]![3]!, aimOneMoreMs, 'ms')}`)
  }
  for (let round = 0; round < againRounds; round++) {
    await ours.unplug(0, 1_000)
    const { ms, control, vswitchd } = await costOf(ours, () => ours.plug(0, 1_000))
    console.log(
      `1,000 in one request, again: ${against(ms, aimThousandMs, 'ms')}, CPU host ${control} ms, vswitchd ${vswitchd} ms`,
    )
  }
} finally {
  await ours.stop()
  await ovn?.stop()
}
