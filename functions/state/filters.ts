/** The filters of an interface, as one: what several of them say holds together. */
import type { Row, State } from 'openvnet'

type FilterStatic = Row<'filterStatics'>

export interface Filtering {
  /** What nothing is said about passes: as soon as one filter says so. */
  readonly ingressPassthrough: boolean
  readonly egressPassthrough: boolean
  /** No two about the same packets. */
  readonly rules: readonly FilterStatic[]
}

/** Of two filters that differ about the same packets the stricter decides. */
const strictness = { drop: 2, conn: 1, pass: 0 } as const

const about = (rule: FilterStatic) =>
  [
    ...[rule.protocol, rule.src_address, rule.src_prefix, rule.src_port],
    ...[rule.dst_address, rule.dst_prefix, rule.dst_port],
    ...[rule.ipv6_src_address, rule.ipv6_src_prefix, rule.ipv6_dst_address, rule.ipv6_dst_prefix],
  ].join(' ')

export function filteringOf(state: State, interfaceId: number): Filtering {
  const filters = state.filters.many('interface', interfaceId)
  const rules = new Map<string, FilterStatic>()
  for (const rule of filters.flatMap(({ id }) => state.filterStatics.many('filter', id))) {
    const other = rules.get(about(rule))
    if (other === undefined || strictness[rule.action] > strictness[other.action])
      rules.set(about(rule), rule)
  }
  return {
    ingressPassthrough: filters.some((filter) => filter.ingress_passthrough),
    egressPassthrough: filters.some((filter) => filter.egress_passthrough),
    rules: [...rules.values()],
  }
}

/** Whether connections have to be known. */
export const remembersConnections = (state: State, interfaceId: number): boolean =>
  state.filters
    .many('interface', interfaceId)
    .some(({ id }) => state.filterStatics.many('filter', id).some(({ action }) => action === 'conn'))
