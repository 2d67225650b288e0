/**
 * A router for 100 networks with 10 ports each, in one request, until a real Open vSwitch has acknowledged the flows; and
 * a route more, and less.
 *   bun bench/router.ts        (root)
 */
import { startBigNetwork } from './support/big-network.ts'
import { against, p50, printLoad, timed } from './support/measure.ts'

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

const network = await startBigNetwork(networks * portsEach)
const api = (method: string, path: string, body?: unknown) =>
  network.host.api(method, `${path}?${wait}`, body)

try {
  printLoad()
  await api('POST', '/route_links', { uuid: 'rl-all' })
  const before = await network.flows()
  const all = await timed(() => api('POST', '/batch', numbers(networks).flatMap(networkRequests)))
  const flows = (await network.flows()) - before
  console.log(
    `${networks} networks × ${portsEach} ports on one router: ${against(all, aimMs, 'ms')}, ${flows} flows`,
  )
  const less: number[] = []
  const more: number[] = []
  for (let round = 0; round < rounds; round++) {
    less.push(await timed(() => api('DELETE', `/routes/r-${round}`)))
    const { path, body } = routeRequest(round)
    more.push(await timed(() => api('POST', path, body)))
  }
  console.log(`a route less, p50: ${p50(less).toFixed(1)} ms; one more: ${p50(more).toFixed(1)} ms`)
} finally {
  await network.stop()
}
