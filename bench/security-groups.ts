/**
 * A security group of 1,000 ports that refers to another of 1,000 addresses: all in one request, one more port, and one
 * more rule, until a real Open vSwitch has acknowledged the flows; beside OVN in the same run, where it is installed.
 *   bun bench/security-groups.ts        (root)
 */
import { type BigOvn, startBigOvn } from './ovn/big-network.ts'
import { addRule, groupCommands, plugMember, plugMembers } from './ovn/security-groups.ts'
import { type BigNetwork, interfaceBody, type PortNetwork, startBigNetwork } from './support/big-network.ts'
import { against, costOf, ofPeer, p50, printLoad, ratios, timed } from './support/measure.ts'

const members = 1_000
const firstNamed = 2_000
const rounds = 20
const aimPortMs = 5
const aimRuleMs = 10
const wait = 'wait=applied&timeout_ms=30000'

const numbers = (from: number, count: number) => Array.from({ length: count }, (_, n) => from + n)
/** TCP ports of the rules that are added. */
const addedPorts = numbers(1, rounds)
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

/** What is done to ours, and to a peer. */
interface Guarded {
  readonly network: PortNetwork
  /** The groups, the rule that refers from one to the other, and the members that it names. */
  prepare(): Promise<unknown>
  plugAll(): Promise<unknown>
  plugOne(n: number): Promise<unknown>
  /** The n-th rule beside the first. */
  addRule(n: number): Promise<unknown>
}

const referring = 'tcp:443:sg-named'
const icmp = 'icmp:-1:0.0.0.0/0'

function ours(network: BigNetwork): Guarded {
  const batch = (requests: readonly object[]) => network.host.api('POST', `/batch?${wait}`, requests)
  return {
    network,
    prepare: () =>
      batch([
        post('/security_groups', { uuid: 'sg-named', display_name: '' }),
        post('/security_groups', { uuid: 'sg-all', display_name: '', rules: `${referring},${icmp}` }),
        ...numbers(firstNamed, members).flatMap(named),
      ]),
    plugAll: () => batch(numbers(0, members).flatMap(guarded)),
    plugOne: (n) => batch(guarded(n)),
    addRule(n) {
      const more = addedPorts.slice(0, n).map((port) => `tcp:${port}:sg-named`)
      return network.host.api('PUT', `/security_groups/sg-all?${wait}`, {
        rules: `${referring},${icmp},${more}`,
      })
    },
  }
}

const theirs = (network: BigOvn): Guarded => ({
  network,
  prepare: () => network.apply(groupCommands(members, firstNamed)),
  plugAll: () => plugMembers(network, members),
  plugOne: (n) => plugMember(network, members, n),
  addRule: (n) => addRule(network, addedPorts[n - 1]!),
})

async function measure({ network, prepare, plugAll, plugOne, addRule }: Guarded): Promise<number[]> {
  const { name } = network
  await prepare()
  const before = await network.flows()
  const all = await costOf(network, plugAll)
  const flows = ((await network.flows()) - before) / members
  console.log(
    `${name}: ${members} ports in one request: ${all.ms.toFixed(1)} ms, CPU ${all.control} ms, ${flows.toFixed(1)} flows a port with those of the other group`,
  )
  const more: number[] = []
  for (const n of numbers(members, rounds)) {
    more.push(await timed(() => plugOne(n)))
    await network.unplug(n, 1)
  }
  console.log(`${name}: one more port with ${members}, p50: ${against(p50(more), aimPortMs, 'ms')}`)
  const bare = await network.flows()
  const added: number[] = []
  const cost = await costOf(network, async () => {
    for (const n of numbers(1, rounds)) added.push(await timed(() => addRule(n)))
  })
  const each = ((await network.flows()) - bare) / rounds
  const cpu = cost.control / rounds
  console.log(
    `${name}: one more rule on ${members}, p50: ${against(p50(added), aimRuleMs, 'ms')}, CPU ${cpu.toFixed(1)} ms, ${each} flows`,
  )
  return [all.ms, flows, p50(more), p50(added), cpu, each]
}

const network = await startBigNetwork(members + rounds)
let ovn: BigOvn | undefined
try {
  ovn = await startBigOvn(members + rounds)
  printLoad()
  const figures = [await measure(ours(network))]
  const peer = ovn && theirs(ovn)
  const besides = peer && (await ofPeer(peer.network.name, () => measure(peer)))
  if (besides !== undefined) figures.push(besides)
  ratios(['all', 'flows a port', 'one more port', 'one more rule', 'its CPU', 'its flows'], figures)
} finally {
  await network.stop()
  await ovn?.stop()
}
