/** Translation of addresses at router interfaces: which of them translate, and what stands for what. */
import { type PortProtocol, portProtocols, type Row, type State } from 'openvnet'

export type StaticAddress = Row<'translationStaticAddresses'>

/** Whether a router interface lets nothing pass but what is translated, or may pass as it is. */
export function translates(state: State, interfaceId: number): boolean {
  const iface = state.interfaces.get(interfaceId)
  return iface?.mode === 'simulated' && iface.enable_routing && iface.enable_route_translation
}

/** The translations of an interface that are of packets that are routed. */
const translationsOf = (state: State, interfaceId: number) =>
  state.translations.many('interface', interfaceId).filter(({ mode }) => mode !== 'vnet_edge')

/** Whether what nothing translates passes the interface as it is. */
export const passesUntranslated = (state: State, interfaceId: number) =>
  translationsOf(state, interfaceId).some(({ passthrough }) => passthrough)

/** The older of those that have the same key. */
function oldest<T extends { readonly id: number }>(rows: readonly T[], key: (row: T) => string): T[] {
  const newestFirst = rows.toSorted((a, b) => b.id - a.id)
  return [...new Map(newestFirst.map((row) => [key(row), row])).values()]
}

const outside = (row: StaticAddress) => `${row.ingress_ipv4_address} ${row.ingress_port_number}`
const inside = (row: StaticAddress) =>
  `${row.route_link_id} ${row.egress_ipv4_address} ${row.egress_port_number}`

/** What stands for what at an interface; each once, whatever was written. */
const staticAddressesOf = (state: State, interfaceId: number): StaticAddress[] =>
  oldest(
    oldest(
      translationsOf(state, interfaceId).flatMap(({ id }) =>
        state.translationStaticAddresses.many('translation', id),
      ),
      outside,
    ),
    inside,
  )

export type SourceAddress = Row<'translationSourceAddresses'>

const insideNetwork = (row: SourceAddress) =>
  `${row.route_link_id} ${row.egress_ipv4_network}/${row.egress_ipv4_prefix}`

/** Which networks inside share which addresses outside. */
export const sourceAddressesOf = (state: State, interfaceId: number): SourceAddress[] =>
  oldest(
    translationsOf(state, interfaceId).flatMap(({ id }) =>
      state.translationSourceAddresses.many('translation', id),
    ),
    insideNetwork,
  )

const ruleKinds = { source: 1, destination: 2, static: 3, member: 4 } as const

/** What makes connections, by a number that no other row of whatever kind ever has. */
export const ruleOf = (kind: keyof typeof ruleKinds, { id }: { readonly id: number }) =>
  ruleKinds[kind] * 2 ** 32 + id

/** The way back: the uuid of the translation, or of the member of a load balancer, that a rule is of. */
export function ownerOfRule(rule: number, state: State): string | undefined {
  const [kind, id] = [Math.floor(rule / 2 ** 32), rule % 2 ** 32]
  if (kind === ruleKinds.member) return state.loadBalancerMembers.get(id)?.uuid
  const row =
    kind === ruleKinds.source
      ? state.translationSourceAddresses.get(id)
      : kind === ruleKinds.destination
        ? state.translationDestinationAddresses.get(id)
        : kind === ruleKinds.static
          ? state.translationStaticAddresses.get(id)
          : undefined
  return row && state.translations.get(row.translation_id)?.uuid
}

/** Where connections from outside go. */
export interface DestinationAddress {
  readonly rule: number
  readonly route_link_id: number | null
  /** null: of every port and protocol. */
  readonly port: {
    readonly protocol: PortProtocol
    readonly outside: number
    readonly inside: number
  } | null
  readonly ingress_ipv4_address: number
  readonly egress_ipv4_address: number
}

/** A row as it is for each protocol. */
function byProtocol(
  row: Omit<DestinationAddress, 'port'> & {
    readonly protocol?: PortProtocol | null
    readonly ingress_port_number: number | null
    readonly egress_port_number: number | null
  },
): DestinationAddress[] {
  const { ingress_port_number: outsidePort, egress_port_number: insidePort } = row
  if (outsidePort === null || insidePort === null) return [{ ...row, port: null }]
  const protocols = row.protocol === undefined || row.protocol === null ? portProtocols : [row.protocol]
  return protocols.map((protocol) => ({
    ...row,
    port: { protocol, outside: outsidePort, inside: insidePort },
  }))
}

const isIn = (pool: SourceAddress, address: number) =>
  address >= pool.ingress_ipv4_address &&
  address <= (pool.ingress_end_ipv4_address ?? pool.ingress_ipv4_address)

/** A pair of ports of an address that a network shares: connections of that may have the port, too, so it is remembered. */
const isShared = (pools: readonly SourceAddress[], row: StaticAddress) =>
  row.ingress_port_number !== null && pools.some((pool) => isIn(pool, row.ingress_ipv4_address))

/** What stands for what without being remembered; each once, whatever was written. */
export function plainAddressesOf(state: State, interfaceId: number): StaticAddress[] {
  const pools = sourceAddressesOf(state, interfaceId)
  return staticAddressesOf(state, interfaceId).filter((row) => !isShared(pools, row))
}

/** Where connections from outside go, each address and port once. */
export function destinationAddressesOf(state: State, interfaceId: number): DestinationAddress[] {
  const pools = sourceAddressesOf(state, interfaceId)
  const shared = staticAddressesOf(state, interfaceId)
    .filter((row) => isShared(pools, row))
    .map((row) => ({ ...row, rule: ruleOf('static', row) }))
  const rows = translationsOf(state, interfaceId).flatMap(({ id }) =>
    state.translationDestinationAddresses
      .many('translation', id)
      .map((row) => ({ ...row, rule: ruleOf('destination', row) })),
  )
  const all = [...shared, ...rows].flatMap((row) => byProtocol(row))
  const key = ({ ingress_ipv4_address, port }: DestinationAddress) =>
    `${ingress_ipv4_address} ${port?.protocol} ${port?.outside}`
  return [...new Map(all.toReversed().map((row) => [key(row), row])).values()].toReversed()
}

/** Whether an interface translates connections, and not only packets by themselves. */
export const remembersConnections = (state: State, interfaceId: number): boolean =>
  translates(state, interfaceId) &&
  (state.loadBalancers.many('interface', interfaceId).length > 0 ||
    translationsOf(state, interfaceId).some(
      ({ id }) =>
        state.translationSourceAddresses.many('translation', id).length > 0 ||
        state.translationDestinationAddresses.many('translation', id).length > 0,
    ))

/** The addresses outside that connections are translated from or to. */
export function rememberedAddresses(state: State, interfaceId: number): Set<number> {
  const pools = sourceAddressesOf(state, interfaceId).flatMap((pool) => {
    const last = pool.ingress_end_ipv4_address ?? pool.ingress_ipv4_address
    return Array.from(
      { length: last - pool.ingress_ipv4_address + 1 },
      (_, i) => pool.ingress_ipv4_address + i,
    )
  })
  const targets = destinationAddressesOf(state, interfaceId).map((row) => row.ingress_ipv4_address)
  const balanced = state.loadBalancers.many('interface', interfaceId).map((row) => row.ipv4_address)
  return new Set([...pools, ...targets, ...balanced])
}

interface Place {
  readonly address: number
  /** null: a packet without ports. */
  readonly port: number | null
}

/** The most particular of those that fit: its own port before every port, its own route link before every one. */
function best(rows: readonly StaticAddress[]): StaticAddress | undefined {
  const rank = (row: StaticAddress) =>
    (row.ingress_port_number === null ? 0 : 2) + (row.route_link_id === null ? 0 : 1)
  return rows.toSorted((a, b) => rank(b) - rank(a))[0]
}

/** What an address outside, with its port, stands for inside. */
export function innerOf(
  state: State,
  interfaceId: number,
  { address, port }: Place,
): { readonly endpoint: Place; readonly routeLinkId: number | null } | undefined {
  const row = best(
    plainAddressesOf(state, interfaceId).filter(
      (one) =>
        one.ingress_ipv4_address === address &&
        (one.ingress_port_number === null || one.ingress_port_number === port),
    ),
  )
  return (
    row && {
      endpoint: { address: row.egress_ipv4_address, port: row.egress_port_number },
      routeLinkId: row.route_link_id,
    }
  )
}

/** What an address inside, with its port, stands for outside, behind the route link with this key. */
export function outerOf(
  state: State,
  interfaceId: number,
  routeLinkKey: number,
  { address, port }: Place,
): Place | undefined {
  const row = best(
    plainAddressesOf(state, interfaceId).filter(
      (one) =>
        one.egress_ipv4_address === address &&
        (one.egress_port_number === null || one.egress_port_number === port) &&
        (one.route_link_id === null ||
          state.routeLinks.get(one.route_link_id)?.tunnel_key_id === routeLinkKey),
    ),
  )
  return row && { address: row.ingress_ipv4_address, port: row.ingress_port_number }
}
