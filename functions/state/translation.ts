/** Translation of addresses at router interfaces: which of them translate, and what stands for what. */
import type { Row, State } from 'openvnet'

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
export const staticAddressesOf = (state: State, interfaceId: number): StaticAddress[] =>
  oldest(
    oldest(
      translationsOf(state, interfaceId).flatMap(({ id }) =>
        state.translationStaticAddresses.many('translation', id),
      ),
      outside,
    ),
    inside,
  )

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
    staticAddressesOf(state, interfaceId).filter(
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
    staticAddressesOf(state, interfaceId).filter(
      (one) =>
        one.egress_ipv4_address === address &&
        (one.egress_port_number === null || one.egress_port_number === port) &&
        (one.route_link_id === null ||
          state.routeLinks.get(one.route_link_id)?.tunnel_key_id === routeLinkKey),
    ),
  )
  return row && { address: row.ingress_ipv4_address, port: row.ingress_port_number }
}
