/**
 * A host that is killed and started again with 1,000 ports: how long until flows held, flows of the state and flows in
 * the switch are the same, and how many flows the switch was without meanwhile.
 *   bun bench/restart.ts        (root)
 */
import { startBigNetwork } from './support/big-network.ts'
import { against, cpuMs, printLoad } from './support/measure.ts'

const ports = 1_000
const rounds = 5
const aimMs = 500
const inStepTimeoutMs = 20_000
const lookIntervalMs = 5

const network = await startBigNetwork(ports)
const { host } = network

interface Status {
  readonly applied_revision: number | null
  readonly revision: number
}

/** Until the switch was read, and what differed has been sent and acknowledged. */
async function inStep(deadline: number): Promise<void> {
  for (;;) {
    const status = await host.api<Status>('GET', '/datapaths/dp-node1/status').catch(() => undefined)
    if (status !== undefined && status.applied_revision === status.revision) return
    if (performance.now() > deadline) throw new Error(`not in step within ${inStepTimeoutMs} ms`)
    await Bun.sleep(lookIntervalMs)
  }
}

/** The flow count of the switch, again and again, until told to stop: the least that was seen. */
function watchFlows() {
  let ended = false
  const least = (async () => {
    let count = Number.POSITIVE_INFINITY
    while (!ended) count = Math.min(count, await network.flows())
    return count
  })()
  return async () => {
    ended = true
    return least
  }
}

try {
  printLoad()
  await network.plug(0, ports)
  const flows = await network.flows()
  for (let round = 0; round < rounds; round++) {
    const leastFlows = watchFlows()
    await host.kill9()
    const began = performance.now()
    const started = host.start().then(() => performance.now() - began)
    await inStep(began + inStepTimeoutMs)
    const ms = performance.now() - began
    const cpu = cpuMs(host.pid)
    const up = await started
    const missing = flows - (await leastFlows())
    const differences = await host.differences()
    if (differences.length > 0) throw new Error(differences.slice(0, 3).join('\n'))
    console.log(
      `restarted with ${ports} ports: in step after ${against(ms, aimMs, 'ms')}, CPU until then ${cpu} ms, ` +
        `API functions after ${up.toFixed(0)} ms, flows missing meanwhile: ${missing} of ${flows}`,
    )
  }
} finally {
  await network.stop()
}
