/** Pairs of a datapath and what may span it, by what they have to do with topologies. */
import type { Draft } from 'openvnet'
import { allSpanKinds, objectOf, type SpanKind, spanKinds, spansBy } from './spans.ts'

/** A datapath, and what may span it. */
export interface Pair {
  readonly kind: SpanKind
  readonly datapathId: number
  readonly objectId: number
}

interface Membership {
  readonly id: number
  readonly topology_id: number
}

interface MemberTable {
  many(index: string, id: number): readonly (Membership & Readonly<Record<string, number>>)[]
  one(index: 'pair', topologyId: number, objectId: number): Membership | undefined
  insert(values: object): Membership
  delete(id: number): void
}

/** What is in topologies, of one kind. */
export const membersIn = (draft: Draft, kind: SpanKind) =>
  draft[spanKinds[kind].members] as unknown as MemberTable

/** Puts something into a topology; whoever calls this settles its pairs. */
export const addMember = (draft: Draft, topologyId: number, kind: SpanKind, objectId: number) =>
  membersIn(draft, kind).insert({ topology_id: topologyId, [spanKinds[kind].column]: objectId })

/** All that is in a topology. */
const objectsIn = (draft: Draft, topologyId: number) =>
  allSpanKinds.flatMap((kind) =>
    membersIn(draft, kind)
      .many('topology', topologyId)
      .map((member) => ({ kind, objectId: member[spanKinds[kind].column]! })),
  )

const overlaysOn = (draft: Draft, underlayId: number) =>
  draft.topologyLayers.many('underlay', underlayId).map((layer) => layer.overlay_id)

/** Every datapath of a topology, or of the underlays that it lies on, with one thing in it. */
export const pairsOfObject = (draft: Draft, topologyId: number, kind: SpanKind, objectId: number): Pair[] =>
  [topologyId, ...draft.topologyLayers.many('overlay', topologyId).map((layer) => layer.underlay_id)]
    .flatMap((id) => draft.topologyDatapaths.many('topology', id))
    .map(({ datapath_id }) => ({ kind, datapathId: datapath_id, objectId }))

/** One datapath with all that is in a topology, or in the overlays that lie on it. */
export const pairsOfDatapath = (draft: Draft, topologyId: number, datapathId: number): Pair[] =>
  [topologyId, ...overlaysOn(draft, topologyId)]
    .flatMap((id) => objectsIn(draft, id))
    .map((object) => ({ ...object, datapathId }))

/** All that is in an overlay with every datapath of an underlay. */
export const pairsOfLayer = (draft: Draft, overlayId: number, underlayId: number): Pair[] =>
  draft.topologyDatapaths
    .many('topology', underlayId)
    .flatMap(({ datapath_id: datapathId }) =>
      objectsIn(draft, overlayId).map((object) => ({ ...object, datapathId })),
    )

const pairOf = ({ kind, span }: ReturnType<typeof spansBy>[number]): Pair => ({
  kind,
  datapathId: span.datapath_id,
  objectId: objectOf(kind, span),
})

/** The pairs that there are rows of, by what those rows name. */
export const presentPairs = (draft: Draft, by: Parameters<typeof spansBy>[1], id: number): Pair[] =>
  spansBy(draft, by, id).map(pairOf)

/** The rows that a topology has made, and those of overlays by way of it. */
const spansMadeBy = (draft: Draft, topologyId: number) => [
  ...spansBy(draft, 'topology', topologyId),
  ...draft.topologyLayers.many('underlay', topologyId).flatMap((layer) => spansBy(draft, 'layer', layer.id)),
]

/** The pairs that a topology has made rows of, and those of overlays by way of it. */
export const pairsMadeBy = (draft: Draft, topologyId: number): Pair[] =>
  spansMadeBy(draft, topologyId).map(pairOf)

/** Those of them whose MAC address is of no group: only they take one of a group that comes. */
export const pairsOfNoGroup = (draft: Draft, topologyId: number): Pair[] =>
  spansMadeBy(draft, topologyId)
    .filter(({ span }) => span.topology_mac_range_group_id === null)
    .map(pairOf)
