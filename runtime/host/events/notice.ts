/** What the event stream tells: what happened, to what, and when in the order of revisions. */

/** Changes of state, of which each has a revision and can be told again. */
const changeKinds = ['created', 'changed', 'deleted', 'port_appeared', 'port_gone'] as const
/** What passes by: told to who listens at that moment. Alarms of other hosts, and those that are told again, have a revision. */
const passingKinds = ['datapath_connected', 'datapath_disconnected', 'applied', 'alarm'] as const
export const noticeKinds = [...changeKinds, ...passingKinds] as const
export type NoticeKind = (typeof noticeKinds)[number]

export type NoticeValue = string | number | boolean | null
export type NoticeFields = Readonly<Record<string, NoticeValue>>

export interface Notice {
  readonly kind: NoticeKind
  /** Of a change of state; null: it is none. */
  readonly revision: number | null
  /** As in the API: `ip_leases`; null: it is about no resource. */
  readonly resource: string | null
  /** null: what it is about has none. */
  readonly uuid: string | null
  /** As they are now; of what is deleted, as they were. Of a change only those that changed. */
  readonly fields: NoticeFields
  /** Of a change: the same fields as they were. */
  readonly before?: NoticeFields
  /** Every uuid that it is about, for filters. */
  readonly about: readonly string[]
}

/** Which notices somebody wants; undefined: any. All that is given must fit. */
export interface NoticeFilter {
  readonly resource?: ReadonlySet<string>
  readonly uuid?: ReadonlySet<string>
  readonly datapath?: ReadonlySet<string>
  readonly kind?: ReadonlySet<string>
}

const hasOne = (wanted: ReadonlySet<string> | undefined, given: readonly (string | null)[]) =>
  wanted === undefined || given.some((one) => one !== null && wanted.has(one))

export const isWanted = (
  { resource, uuid, datapath, kind }: NoticeFilter,
  notice: Pick<Notice, 'resource' | 'about' | 'kind'>,
): boolean =>
  hasOne(kind, [notice.kind]) &&
  hasOne(resource, [notice.resource]) &&
  hasOne(uuid, notice.about) &&
  hasOne(datapath, notice.about)

/** As one event of a stream (HTML, section 9.2.6). Only changes of state move the place from which a client resumes. */
export function noticeText({ about: _, ...notice }: Notice): string {
  const id = notice.revision === null ? '' : `id: ${notice.revision}\n`
  return `${id}event: ${notice.kind}\ndata: ${JSON.stringify(notice)}\n\n`
}
