/**
 * The broadcast of a network on a datapath. Ports are in pages of 256 by their number, so that one more port changes
 * one short flow, and no flow outgrows an OpenFlow message.
 */
import { cookieOf, type Flow, type FlowFunction, localPort, type State } from 'openvnet'
import { isEndpoint } from '../state/interfaces.ts'
import { isPhysical, type Network } from '../state/networks.ts'
import { shortPort } from './meters.ts'
import { features, pipeline } from './pipeline.ts'
import { portOn } from './places.ts'
import { carrierOf } from './underlay.ts'

const portsPerPage = 256

/** A port that gets a copy. */
interface Target {
  readonly port: number
  /** Whose it is, where something decides what may reach it. */
  readonly guarded: number | undefined
}

/** The ports of the network's interfaces here, ascending, by page; LOCAL and the wire apart. */
interface Targets {
  readonly pages: ReadonlyMap<number, readonly Target[]>
  readonly others: readonly Target[]
}

function portsOf(state: State, datapathId: number, networkId: number): Target[] {
  const ports: Target[] = []
  for (const { interface_id, interface_mode, filtered } of state.interfaceNetworks.many(
    'network',
    networkId,
  )) {
    const port = isEndpoint(interface_mode) ? portOn(state, interface_id, datapathId) : undefined
    if (port !== undefined) ports.push({ port, guarded: filtered ? interface_id : undefined })
  }
  return ports.sort((a, b) => a.port - b.port)
}

function targetsOf(state: State, datapathId: number, network: Network): Targets {
  const pages = new Map<number, Target[]>()
  const others = new Map<number, Target>()
  for (const target of portsOf(state, datapathId, network.id)) {
    const page = Math.floor(target.port / portsPerPage)
    if (target.port === localPort) others.set(localPort, target)
    else if (pages.get(page)?.push(target) === undefined) pages.set(page, [target])
  }
  const carrier = isPhysical(network) ? carrierOf(state, datapathId, network.id) : undefined
  if (carrier !== undefined)
    for (const port of [localPort, carrier.port]) others.set(port, { port, guarded: undefined })
  return { pages, others: [...others.values()] }
}

type CopyStep =
  | { readonly output: number }
  | { readonly set: 'outInterface' | 'outPort'; readonly to: number }
  | { readonly resubmit: 'toInterface' }

/** Its copy goes the way of every packet for the interface: the switch makes one of its own for that. */
const copyTo = ({ port, guarded }: Target): readonly CopyStep[] =>
  guarded === undefined
    ? [{ output: port }]
    : [
        { set: 'outInterface', to: guarded },
        { set: 'outPort', to: shortPort(port) },
        { resubmit: 'toInterface' },
      ]

const pageFlow = (cookie: bigint, network: number, floodPage: number, ports: readonly Target[]): Flow =>
  pipeline.flow('floodPorts', {
    cookie,
    priority: 1,
    match: { network, floodPage },
    steps: ports.flatMap(copyTo),
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
        steps: [...toPages, ...others.flatMap(copyTo)],
        goto: 'floodPeers',
      }),
      ...[...pages].map(([page, ports]) => pageFlow(cookie, key, page, ports)),
    ],
  }
}
