/** What spans datapaths: networks, segments and route links, each kind in tables of its own that are alike. */
import type { Draft, Row, State } from 'openvnet'

/** The tables of each kind: what there is, what of it spans which datapath, what is in which topology; and its column and index there. */
export const spanKinds = {
  network: {
    objects: 'networks',
    spans: 'datapathNetworks',
    members: 'topologyNetworks',
    column: 'network_id',
    index: 'network',
  },
  segment: {
    objects: 'segments',
    spans: 'datapathSegments',
    members: 'topologySegments',
    column: 'segment_id',
    index: 'segment',
  },
  route_link: {
    objects: 'routeLinks',
    spans: 'datapathRouteLinks',
    members: 'topologyRouteLinks',
    column: 'route_link_id',
    index: 'routeLink',
  },
} as const

export type SpanKind = keyof typeof spanKinds
export const allSpanKinds = Object.keys(spanKinds) as readonly SpanKind[]

/** What the rows of all kinds have, beside the id of what spans the datapath. */
export type Span = Omit<Row<'datapathNetworks'>, 'network_id'>
export type SpanValues = Omit<Span, 'id' | 'created_at' | 'updated_at'>

type SpanIndex = 'datapath' | 'interface' | 'topology' | 'layer' | 'macRangeGroup'

interface SpanView {
  one(index: 'pair', datapathId: number, objectId: number): Span | undefined
  many(index: SpanIndex, id: number): readonly Span[]
}
interface SpanTable extends SpanView {
  insert(values: Partial<Row<'datapathNetworks'>>): Span
  update(id: number, values: Partial<SpanValues>): Span
  delete(id: number): void
}

/** The table of one kind; the union of the tables' own types is too wide to call. */
export const spansIn = (draft: Draft, kind: SpanKind) => draft[spanKinds[kind].spans] as unknown as SpanTable

/** What spans the datapath of a row, by its id. */
export const objectOf = (kind: SpanKind, span: Span): number =>
  (span as unknown as Readonly<Record<string, number>>)[spanKinds[kind].column]!

/** Adds what spans a datapath. */
export const addSpan = (draft: Draft, kind: SpanKind, objectId: number, values: SpanValues): Span =>
  spansIn(draft, kind).insert({ ...values, [spanKinds[kind].column]: objectId })

/** All that an interface carries, or the rows under another key, of every kind. */
export const spansBy = (state: State | Draft, index: SpanIndex, id: number) =>
  allSpanKinds.flatMap((kind) =>
    (state[spanKinds[kind].spans] as unknown as SpanView).many(index, id).map((span) => ({ kind, span })),
  )
