/**
 * Two hosts on one libSQL server: from a write through host A to its flows, acknowledged by the switch of host B.
 *   bun bench/hosts.ts        (root)
 */
import { demoPlan } from '../cli/lab/plan.ts'
import type { HostProcess } from '../tests/support/host-process.ts'
import { startSharedNetwork } from '../tests/support/shared-network.ts'

const rounds = 200
/** Aim of the design: within this of the commit. */
const aimMs = 20
const writers = 8
const waitTimeoutMs = 30_000
/** Long enough to leave the processor to the hosts. */
const lookAgainMs = 1

const plan = { ...demoPlan, hypervisors: demoPlan.hypervisors.slice(0, 2) }
const interfaceBody = (n: number) => ({
  uuid: `if-bench${n}`,
  mode: 'simulated',
  network_uuid: 'nw-red',
  mac_address: `52:54:00:01:${(n >> 8).toString(16).padStart(2, '0')}:${(n & 255).toString(16).padStart(2, '0')}`,
  ipv4_address: `10.0.0.${30 + (n % 200)}`,
})

async function send(host: HostProcess, method: string, path: string, body?: unknown) {
  const response = await fetch(`${host.apiUrl}/api/1.0${path}`, {
    method,
    ...(body === undefined
      ? {}
      : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  })
  const text = await response.text()
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`)
  return { revision: Number(response.headers.get('x-vnet-revision')), text }
}

const appliedRevision = async (host: HostProcess, datapath: string): Promise<number> =>
  JSON.parse((await send(host, 'GET', `/datapaths/${datapath}/status`)).text).applied_revision

/** From the answer of A, which follows the commit, until host B says that its switch has acknowledged. */
async function untilApplied(host: HostProcess, datapath: string, revision: number): Promise<number> {
  const began = performance.now()
  while ((await appliedRevision(host, datapath)) < revision) await Bun.sleep(lookAgainMs)
  return performance.now() - began
}

const milliseconds = (value: number) => `${value.toFixed(1)} ms`.padStart(9)
function print(name: string, values: number[]): void {
  const sorted = values.sort((a, b) => a - b)
  const at = (share: number) =>
    milliseconds(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!)
  console.log(`${name.padEnd(66)}${at(0.5)}${at(0.99)}${at(1)}`)
}

const network = await startSharedNetwork(plan)
try {
  const [a, b] = network.hosts as [HostProcess, HostProcess]
  let next = 0
  const add = (host: HostProcess, query = '') =>
    send(host, 'POST', `/interfaces${query}`, interfaceBody(next++))
  const remove = (host: HostProcess, n: number) => send(host, 'DELETE', `/interfaces/if-bench${n}`)
  const figures = {
    commit: [] as number[],
    local: [] as number[],
    remote: [] as number[],
    wait: [] as number[],
  }
  const timed = async (list: number[], run: () => Promise<unknown>) => {
    const began = performance.now()
    await run()
    list.push(performance.now() - began)
  }
  for (let round = 0; round < rounds; round++) {
    let revision = 0
    await timed(figures.commit, async () => {
      revision = (await add(a)).revision
    })
    const [local, remote] = await Promise.all([
      untilApplied(a, 'dp-node1', revision),
      untilApplied(b, 'dp-node2', revision),
    ])
    figures.local.push(local)
    figures.remote.push(remote)
    await remove(a, next - 1)
    await timed(figures.wait, () => add(a, `?wait=applied&timeout_ms=${waitTimeoutMs}`))
    await remove(a, next - 1)
  }
  console.log(`${''.padEnd(66)}${['p50', 'p99', 'max'].map((name) => name.padStart(9)).join('')}`)
  print('a write through host A: request to answer, which follows the commit', figures.commit)
  print('  from then until the switch of host A has acknowledged', figures.local)
  print('  from then until the switch of host B has acknowledged', figures.remote)
  print('?wait=applied through host A, over both: request to answer', figures.wait)
  const within = figures.remote.filter((ms) => ms <= aimMs).length / figures.remote.length
  console.log(`within ${aimMs} ms of the answer on host B: ${(100 * within).toFixed(1)} %`)

  const loaded: number[] = []
  const began = performance.now()
  const client = async (host: HostProcess) => {
    for (let round = 0; round < rounds / writers; round++) {
      const n = next++
      await timed(loaded, () => send(host, 'POST', '/interfaces?wait=applied', interfaceBody(n)))
      await remove(host, n)
    }
  }
  await Promise.all(Array.from({ length: writers }, (_, at) => client(at % 2 === 0 ? a : b)))
  const perSecond = (2 * loaded.length * 1_000) / (performance.now() - began)
  print(`?wait=applied, ${writers} clients on both hosts (${perSecond.toFixed(0)} writes/s)`, loaded)
} finally {
  await network.stop()
}
