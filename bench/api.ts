/**
 * Writes through the API by 32 clients: validated, committed (synchronous=FULL), answered after the commit.
 *   bun bench/api.ts [--seconds N]
 */
import { parseArgs } from 'node:util'
import { startHostProcess } from '../tests/support/host-process.ts'
import { interfaceBody } from './support/big-network.ts'
import { against, cpuMs, p50, printLoad, share } from './support/measure.ts'

const { values } = parseArgs({ options: { seconds: { type: 'string', default: '5' } } })
const clients = 32
const warmUpMs = 2_000
const aimPerSecond = 5_000
const aimP99Ms = 10

const host = await startHostProcess({ checksAnswers: false })

/** The requests of one client, one after the other, until the time is over. */
async function client(path: string, bodyOf: () => object, untilMs: number, latencies: number[]) {
  while (performance.now() < untilMs) {
    const began = performance.now()
    const response = await fetch(`${host.apiUrl}/api/1.0${path}`, {
      method: 'POST',
      body: JSON.stringify(bodyOf()),
      headers: { 'content-type': 'application/json' },
    })
    const text = await response.text()
    if (!response.ok) throw new Error(`${response.status}: ${text}`)
    latencies.push(performance.now() - began)
  }
}

async function measure(name: string, path: string, bodyOf: () => object): Promise<void> {
  await Promise.all(
    Array.from({ length: clients }, () => client(path, bodyOf, performance.now() + warmUpMs, [])),
  )
  const before = { host: cpuMs(host.pid), own: cpuMs(process.pid) }
  const began = performance.now()
  const until = began + Number(values.seconds) * 1_000
  const latencies: number[] = []
  await Promise.all(Array.from({ length: clients }, () => client(path, bodyOf, until, latencies)))
  const seconds = (performance.now() - began) / 1_000
  const cpu = { host: cpuMs(host.pid) - before.host, own: cpuMs(process.pid) - before.own }
  console.log(`${name}: ${against(latencies.length / seconds, aimPerSecond, '/s')}`)
  console.log(`  p50 ${p50(latencies).toFixed(1)} ms, p99 ${against(share(latencies, 0.99), aimP99Ms, 'ms')}`)
  console.log(
    `  a write costs ${((cpu.host * 1_000) / latencies.length).toFixed(0)} µs of the host's CPU, all threads, ` +
      `and ${((cpu.own * 1_000) / latencies.length).toFixed(0)} µs of the clients'`,
  )
}

let next = 0
try {
  printLoad()
  const network = { uuid: 'nw-big', mode: 'virtual', ipv4_network: '10.1.0.0', ipv4_prefix: 16 }
  await host.api('POST', '/networks', network)
  await measure('networks (2 rows)', '/networks', () => ({
    uuid: `nw-n${next++}`,
    ipv4_network: '10.2.0.0',
    ipv4_prefix: 16,
  }))
  next = 0
  // The network of the benches has 65,000 addresses.
  await measure('interfaces with port, MAC and IP (5 rows)', '/interfaces', () => interfaceBody(next++))
} finally {
  await host.remove()
}
