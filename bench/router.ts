/**
 * A router for 100 networks with 10 ports each, in one request, until a real Open vSwitch has acknowledged the flows, beside
 * OVN in the same run, where it is installed; and a route more, and less.
 *   bun bench/router.ts        (root)
 */
import { type BigOvn, portCommands, startBigOvn } from './ovn/big-network.ts'
import { type PortNetwork, startBigNetwork } from './support/big-network.ts'
import { against, costOf, ofPeer, p50, printLoad, ratios, timed } from './support/measure.ts'

const networks = 100
const portsEach = 10
const rounds = 10
const aimMs = 500
const wait = 'wait=applied&timeout_ms=30000'

const hex = (n: number) => n.toString(16).padStart(2, '0')
const post = (path: string, body: object) => ({ method: 'POST', path, body })
const numbers = (count: number) => Array.from({ length: count }, (_, n) => n)

/** A network with its router interface, its route and its ports. */
const networkRequests = (n: number) => [
  post('/networks', { uuid: `nw-${n}`, mode: 'virtual', ipv4_network: `10.${n}.0.0`, ipv4_prefix: 24 }),
  post(`/datapaths/dp-node1/networks/nw-${n}`, { interface_uuid: 'if-node1' }),
  post('/interfaces', {
    ...{ uuid: `if-gw${n}`, mode: 'simulated', enable_routing: true, network_uuid: `nw-${n}` },
    ...{ mac_address: `02:00:00:01:${hex(n)}:01`, ipv4_address: `10.${n}.0.1` },
  }),
  routeRequest(n),
  ...numbers(portsEach).map((m) =>
    post('/interfaces', {
      ...{ uuid: `if-p${n}x${m}`, mode: 'vif', port_name: `p${n * portsEach + m}`, network_uuid: `nw-${n}` },
      ...{ mac_address: `52:54:02:00:${hex(n)}:${hex(m)}`, ipv4_address: `10.${n}.0.${10 + m}` },
    }),
  ),
]

function routeRequest(n: number) {
  const names = { interface_uuid: `if-gw${n}`, network_uuid: `nw-${n}`, route_link_uuid: 'rl-all' }
  return post('/routes', { uuid: `r-${n}`, ...names, ipv4_network: `10.${n}.0.0` })
}

/** The same by OVN. */
const networkCommands = (n: number) => [
  ['ls-add', `nw-${n}`],
  ['lrp-add', 'all', `gw${n}`, `02:00:00:01:${hex(n)}:01`, `10.${n}.0.1/24`],
  ['lsp-add', `nw-${n}`, `to-gw${n}`],
  ['lsp-set-type', `to-gw${n}`, 'router'],
  ['lsp-set-addresses', `to-gw${n}`, 'router'],
  ['lsp-set-options', `to-gw${n}`, `router-port=gw${n}`],
  ...numbers(portsEach).flatMap((m) =>
    portCommands(
      `nw-${n}`,
      `p${n * portsEach + m}`,
      `52:54:02:00:${hex(n)}:${hex(m)}`,
      `10.${n}.0.${10 + m}`,
    ),
  ),
]

const network = await startBigNetwork(networks * portsEach)
const api = (method: string, path: string, body?: unknown) =>
  network.host.api(method, `${path}?${wait}`, body)

async function measure(peer: PortNetwork, run: () => Promise<unknown>): Promise<number[]> {
  const before = await peer.flows()
  const { ms, control, vswitchd } = await costOf(peer, run)
  const flows = (await peer.flows()) - before
  console.log(
    `${peer.name}: ${networks} networks × ${portsEach} ports on one router: ${against(ms, aimMs, 'ms')}, CPU ${control} ms, vswitchd ${vswitchd} ms, ${flows} flows`,
  )
  return [ms, control, flows]
}

async function measureOvn(peer: BigOvn): Promise<number[]> {
  await peer.apply([['lr-add', 'all']])
  return measure(peer, async () => {
    await peer.apply(numbers(networks).flatMap(networkCommands))
    await peer.areUp(numbers(networks * portsEach).map((n) => `p${n}`))
  })
}

let ovn: BigOvn | undefined
try {
  ovn = await startBigOvn(networks * portsEach)
  printLoad()
  await api('POST', '/route_links', { uuid: 'rl-all' })
  const figures = [
    await measure(network, () => api('POST', '/batch', numbers(networks).flatMap(networkRequests))),
  ]
  const theirs = ovn && (await ofPeer(ovn.name, () => measureOvn(ovn!)))
  if (theirs !== undefined) figures.push(theirs)
  ratios(['time', 'CPU', 'flows'], figures)
  const less: number[] = []
  const more: number[] = []
  for (let round = 0; round < rounds; round++) {
    less.push(await timed(() => api('DELETE', `/routes/r-${round}`)))
    const { path, body } = routeRequest(round)
    more.push(await timed(() => api('POST', path, body)))
  }
  console.log(`ours: a route less, p50: ${p50(less).toFixed(1)} ms; one more: ${p50(more).toFixed(1)} ms`)
} finally {
  await network.stop()
  await ovn?.stop()
}
