/**
 * A security group of 1,000 ports that refers to another of 1,000 addresses: all in one request, one more port, and one
 * more rule, until a real Open vSwitch has acknowledged the flows.
 *   bun bench/security-groups.ts        (root)
 */
import { interfaceBody, startBigNetwork } from './support/big-network.ts'
import { against, p50, printLoad, timed } from './support/measure.ts'

const members = 1_000
const rounds = 20
const aimPortMs = 5
const aimRuleMs = 10
const wait = 'wait=applied&timeout_ms=30000'

const numbers = (from: number, count: number) => Array.from({ length: count }, (_, n) => from + n)
const post = (path: string, body: object = {}) => ({ method: 'POST', path, body })

/** A port in the group, guarded by it. */
const guarded = (n: number) => [
  post('/interfaces', { ...interfaceBody(n), ingress_filtering_enabled: true }),
  post(`/security_groups/sg-all/interfaces/if-p${n}`),
]
/** A member of the other group, that is nowhere plugged in. */
const named = (n: number) => [
  post('/interfaces', { ...interfaceBody(n), port_name: undefined }),
  post(`/security_groups/sg-named/interfaces/if-p${n}`),
]

const network = await startBigNetwork(members + rounds)
const batch = (requests: readonly object[]) => network.host.api('POST', `/batch?${wait}`, requests)
const rules = (text: string) => network.host.api('PUT', `/security_groups/sg-all?${wait}`, { rules: text })
const referring = 'tcp:443:sg-named'

try {
  printLoad()
  await batch([
    post('/security_groups', { uuid: 'sg-named', display_name: '' }),
    post('/security_groups', { uuid: 'sg-all', display_name: '', rules: `${referring},icmp:-1:0.0.0.0/0` }),
    ...numbers(2_000, members).flatMap(named),
  ])
  const before = await network.flows()
  const all = await timed(() => batch(numbers(0, members).flatMap(guarded)))
  const flows = (await network.flows()) - before
  console.log(
    `${members} ports in one request: ${all.toFixed(1)} ms, ${(flows / members).toFixed(1)} flows a port with those of the other group`,
  )
  const more: number[] = []
  for (const n of numbers(members, rounds)) {
    more.push(await timed(() => batch(guarded(n))))
    await network.unplug(n, 1)
  }
  console.log(`one more port with ${members}, p50: ${against(p50(more), aimPortMs, 'ms')}`)
  const added: number[] = []
  const bare = await network.flows()
  for (const n of numbers(1, rounds)) {
    const text = `${referring},icmp:-1:0.0.0.0/0,${numbers(1, n).map((port) => `tcp:${port}:sg-named`)}`
    added.push(await timed(() => rules(text)))
  }
  const each = ((await network.flows()) - bare) / rounds
  console.log(`one more rule on ${members}, p50: ${against(p50(added), aimRuleMs, 'ms')}, ${each} flows`)
} finally {
  await network.stop()
}
