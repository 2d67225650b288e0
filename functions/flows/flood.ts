/**
 * The broadcast of a network on a datapath. Ports are in pages of 256 by their number, so that one more port changes
 * one short flow, and no flow outgrows an OpenFlow message.
 */
import { cookieOf, type Flow, type FlowFunction, localPort, type State } from 'openvnet'
import { isEndpoint } from '../state/interfaces.ts'
import { isPhysical, type Network } from '../state/networks.ts'
import { features, pipeline } from './pipeline.ts'
import { portOn } from './places.ts'
import { carrierOf } from './underlay.ts'

const portsPerPage = 256

/** The ports of the network's interfaces here, ascending, by page; LOCAL and the wire apart. */
interface Targets {
  readonly pages: ReadonlyMap<number, readonly number[]>
  readonly others: readonly number[]
}

function portsOf(state: State, datapathId: number, networkId: number): number[] {
  const ports: number[] = []
  // One look-up for all of a network: mostly there are none.
  const filtered = new Set(state.interfaces.many('filtering', true).map(({ id }) => id))
  for (const { interface_id, interface_mode } of state.interfaceNetworks.many('network', networkId)) {
    const isTarget = isEndpoint(interface_mode) && !filtered.has(interface_id)
    const port = isTarget ? portOn(state, interface_id, datapathId) : undefined
    if (port !== undefined) ports.push(port)
  }
  return ports.sort((a, b) => a - b)
}

function targetsOf(state: State, datapathId: number, network: Network): Targets {
  const pages = new Map<number, number[]>()
  const others = new Set<number>()
  for (const port of portsOf(state, datapathId, network.id)) {
    const page = Math.floor(port / portsPerPage)
    if (port === localPort) others.add(port)
    else if (pages.get(page)?.push(port) === undefined) pages.set(page, [port])
  }
  const carrier = isPhysical(network) ? carrierOf(state, datapathId, network.id) : undefined
  if (carrier !== undefined) others.add(localPort).add(carrier.port)
  return { pages, others: [...others] }
}

const pageFlow = (cookie: bigint, network: number, floodPage: number, ports: readonly number[]): Flow =>
  pipeline.flow('floodPorts', {
    cookie,
    priority: 1,
    match: { network, floodPage },
    steps: ports.map((output) => ({ output })),
  })

export const flood: FlowFunction = ({ datapathId, objectId: networkId }, state) => {
  const network = state.networks.get(networkId)
  if (network === undefined) return { flows: [] }
  const cookie = cookieOf(features.flood, networkId)
  const key = network.tunnel_key_id
  const { pages, others } = targetsOf(state, datapathId, network)
  const toPages = [...pages.keys()].flatMap((page) => [
    { set: 'floodPage', to: page } as const,
    { resubmit: 'floodPorts' } as const,
  ])
  return {
    flows: [
      pipeline.flow('flood', {
        cookie,
        priority: 1,
        match: { network: key },
        steps: [...toPages, ...others.map((output) => ({ output }))],
        goto: 'floodPeers',
      }),
      ...[...pages].map(([page, ports]) => pageFlow(cookie, key, page, ports)),
    ],
  }
}
