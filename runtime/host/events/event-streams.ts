/** The streams of events that are open, and how each begins, goes on and ends. */
import type { Change, Row } from '../../../db/state/types.ts'
import { ApiError } from '../../http/errors.ts'
import { controlEvent, EventStream } from '../../http/events/event-stream.ts'
import type { Presence } from '../hosts/presence.ts'
import type { NetworkState } from '../network-state.ts'
import { type Alarm, alarmNotice } from './alarm.ts'
import { ConnectionWatch, connectionsOf } from './connections.ts'
import { EventHub, type Listener } from './event-hub.ts'
import type { EventRequest } from './event-request.ts'
import { eventLimits } from './limits.ts'
import { noticeText } from './notice.ts'
import { type FeedReader, isKept, newest, replay } from './replay.ts'
import { type AlarmStore, SharedAlarms } from './shared-alarms.ts'

/** What there is with a database. */
export interface EventSources {
  readonly state: Pick<NetworkState, 'view' | 'hub'>
  readonly store: FeedReader & AlarmStore['store']
  readonly presence: Pick<Presence, 'others'> | undefined
}

const endings = {
  slow: 'you read more slowly than events come; go on from your last revision',
  stopping: 'the host is stopping; go on from your last revision, at this host or another',
  complete: 'that is what has happened',
  failed: 'the change feed cannot be read; go on from your last revision',
} as const

const endOf = (why: keyof typeof endings) => controlEvent('end', { reason: why, message: endings[why] })

export class EventStreams {
  readonly #sources: () => EventSources | undefined
  readonly #hub: EventHub
  readonly #connections: ConnectionWatch
  readonly #open = new Set<EventStream>()
  readonly #shared: SharedAlarms

  constructor(sources: () => EventSources | undefined, nodeId: string | null = null) {
    this.#sources = sources
    this.#shared = new SharedAlarms(nodeId, sources)
    this.#hub = new EventHub(() => this.#sources()!.state.view)
    this.#connections = new ConnectionWatch(this.#hub, sources)
  }

  /** Changes of state that were committed. What this host has raised it has told. */
  readonly changes: EventHub['changes'] = (changes) => {
    if (!this.#hub.isHeard) return
    const isOwn = ({ table, after }: Change) => table === 'alarms' && after?.['raised_by'] === this.#shared.id
    this.#hub.changes(changes.some(isOwn) ? changes.filter((change) => !isOwn(change)) : changes)
  }

  /** A switch has come, gone or acknowledged something, here or at another host. */
  readonly progress = (): void => this.#connections.look()

  /** Something that a person should hear of: told here at once, and by other hosts soon. */
  readonly alarm = (alarm: Alarm): void => {
    this.#hub.tell(alarmNotice(alarm, null))
    this.#shared.add(alarm)
  }

  get count(): number {
    return this.#open.size
  }

  /** Throws ApiError where there are too many streams, or nothing to stream from. */
  open(request: EventRequest, ending: () => void = () => {}): ReadableStream<Uint8Array> {
    const sources = this.#sources()
    if (sources === undefined) throw new ApiError('Unavailable', 'the database is not reached yet; try again')
    if (this.#open.size >= eventLimits.streamsMax)
      throw new ApiError(
        'Unavailable',
        `${eventLimits.streamsMax} streams of events are open, and there may be no more; try again later`,
      )
    if (request.last !== undefined) return this.#openPast(sources, request, request.last, ending)
    const from = sources.state.view.revision
    const slow = () => stream.end(endOf('slow'))
    // What happens while the past is told waits for its end.
    let early: string[] | undefined = []
    const listener: Listener = {
      filter: request.filter,
      from,
      write: (text) => {
        if (early === undefined) {
          if (!stream.write(text)) slow()
        } else if (early.push(text) > eventLimits.queueEventsMax) slow()
      },
      overflow: slow,
    }
    const closed = () => {
      this.#open.delete(stream)
      this.#hub.remove(listener)
    }
    const stream = new EventStream(eventLimits, { ending, closed })
    this.#open.add(stream)
    this.#connections.begin()
    this.#hub.add(listener)
    const begun = this.#begin(stream, sources, request, from)
    void begun.then(
      () => {
        const waiting = early ?? []
        early = undefined
        for (const text of waiting) if (!stream.write(text)) slow()
      },
      () => stream.end(endOf('failed')),
    )
    return stream.body
  }

  /** Says to all that this is the end. */
  close(): void {
    this.#connections.close()
    this.#shared.close()
    for (const stream of [...this.#open]) stream.end(endOf('stopping'))
  }

  /** A stream that ends with what has happened. */
  #openPast(
    sources: EventSources,
    request: EventRequest,
    last: number,
    ending: () => void,
  ): ReadableStream<Uint8Array> {
    const closed = () => void this.#open.delete(stream)
    const stream = new EventStream(eventLimits, { ending, closed })
    this.#open.add(stream)
    void this.#tellPast(stream, sources, request, last).then(
      () => stream.end(endOf('complete')),
      () => stream.end(endOf('failed')),
    )
    return stream.body
  }

  async #tellPast(
    stream: EventStream,
    { store, state: { view } }: EventSources,
    { since, filter }: EventRequest,
    last: number,
  ): Promise<void> {
    const upTo = view.revision
    const isKnown = since === undefined || (await isKept(store, since, upTo))
    if (!isKnown) stream.write(lost(since, upTo))
    const range = { since: isKnown ? (since ?? 0) : 0, upTo, last }
    for (const [index, notice] of (await newest(store, view, filter, range)).entries()) {
      if (!stream.write(noticeText(notice))) return stream.end(endOf('slow'))
      if ((index + 1) % eventLimits.pageChanges === 0) await stream.drained()
    }
  }

  async #begin(
    stream: EventStream,
    sources: EventSources,
    { since, filter }: EventRequest,
    from: number,
  ): Promise<void> {
    const isResumed = since !== undefined && (await isKept(sources.store, since, from))
    if (since !== undefined && !isResumed) stream.write(lost(since, from))
    stream.write(beginning(sources, isResumed ? since : from))
    if (!isResumed) return
    for await (const notices of replay(sources.store, sources.state.view, filter, since, from)) {
      for (const notice of notices) if (!stream.write(noticeText(notice))) stream.end(endOf('slow'))
      await stream.drained()
      if (!stream.isOpen) return
    }
  }
}

const lost = (since: number, revision: number): string =>
  controlEvent('compacted', {
    since,
    revision,
    message: `what has changed since revision ${since} is not known any more; read the state anew, it is at revision ${revision} or later`,
  })

/** Where the stream begins, and who is connected: from there on everything that is wanted is told. */
function beginning(sources: EventSources, revision: number): string {
  const connections = connectionsOf(sources)
  const datapaths = [...sources.state.view.datapaths.all()].map(({ id, uuid }: Row<'datapaths'>) => ({
    uuid,
    connected: connections.has(id),
    applied_revision: connections.get(id) ?? null,
  }))
  return `id: ${revision}\n${controlEvent('begin', { revision, datapaths })}`
}
