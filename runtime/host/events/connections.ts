/** Which datapaths are connected and how far they are, here and at the other hosts, told where it changes. */

import type { SwitchReports } from '../../openvnet/environment.ts'
import { heartbeatMs } from '../hosts/limits.ts'
import type { Presence } from '../hosts/presence.ts'
import type { NetworkState } from '../network-state.ts'
import type { EventHub } from './event-hub.ts'
import { eventLimits } from './limits.ts'
import type { Notice, NoticeFields, NoticeKind } from './notice.ts'
import type { SilenceWatch } from './silence.ts'

export interface ConnectionSources {
  readonly state: Pick<NetworkState, 'hub' | 'view'>
  readonly presence: Pick<Presence, 'others'> | undefined
}

/** By datapath, the revision that it has acknowledged; -1: none yet. */
export type Connections = ReadonlyMap<number, number>

/** One that several hosts serve is as far as the one that is furthest behind. */
export function connectionsOf({ state, presence }: ConnectionSources): Map<number, number> {
  const connections = new Map<number, number>()
  const add = (id: number, revision: number) =>
    connections.set(id, Math.min(revision, connections.get(id) ?? Number.POSITIVE_INFINITY))
  for (const id of state.hub.connected) add(id, state.hub.get(id)?.appliedRevision ?? -1)
  for (const { applied } of presence?.others ?? []) for (const [id, revision] of applied) add(id, revision)
  return connections
}

type HostSources = ConnectionSources & {
  readonly presence: Pick<Presence, 'others' | 'unheardMs'> | undefined
}

const unheardMs = ({ state, presence }: HostSources) => presence?.unheardMs(state.view.revision) ?? 0

/** Whether the others hear of this host, and it of them. */
export const isHeard = (sources: HostSources): boolean => unheardMs(sources) <= 2 * heartbeatMs

/** How the switches are, for functions. */
export function switchReports(sources: HostSources, silence: SilenceWatch): SwitchReports {
  const applied = connectionsOf(sources)
  const unheard = unheardMs(sources)
  const ids = [...sources.state.view.datapaths.all()].map(({ id }) => id)
  const here = new Set(sources.state.hub.connected)
  return { applied, here, unheardMs: unheard, ...silence.look(ids, applied, unheard, performance.now()) }
}

export class ConnectionWatch {
  readonly #hub: EventHub
  readonly #sources: () => ConnectionSources | undefined
  #told: Connections = new Map()
  /** Of datapaths that are connected: they may be deleted by the time that they are not. */
  readonly #uuids = new Map<number, string>()
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(hub: EventHub, sources: () => ConnectionSources | undefined) {
    this.#hub = hub
    this.#sources = sources
  }

  /** Who listens from now on is told what changes from here. */
  begin(): void {
    if (!this.#hub.isHeard) this.#told = this.#read()
  }

  /** Something may have changed: costs a timer while somebody listens, and nothing else. */
  look(): void {
    if (!this.#hub.isHeard) return
    this.#timer ??= setTimeout(() => this.#compare(), eventLimits.progressIntervalMs)
  }

  close(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  #read(): Connections {
    const sources = this.#sources()
    if (sources === undefined) return new Map()
    const connections = connectionsOf(sources)
    for (const id of connections.keys()) {
      const uuid = sources.state.view.datapaths.get(id)?.uuid
      if (uuid !== undefined) this.#uuids.set(id, uuid)
    }
    return connections
  }

  #compare(): void {
    this.#timer = undefined
    const before = this.#told
    const now = this.#read()
    this.#told = now
    for (const id of before.keys()) if (!now.has(id)) this.#tell('datapath_disconnected', id, {})
    for (const [id, revision] of now) {
      if (!before.has(id)) this.#tell('datapath_connected', id, {})
      if (revision >= 0 && revision !== before.get(id))
        this.#tell('applied', id, { applied_revision: revision })
    }
    for (const id of this.#uuids.keys()) if (!now.has(id)) this.#uuids.delete(id)
  }

  #tell(kind: NoticeKind, id: number, fields: NoticeFields): void {
    const uuid = this.#uuids.get(id)
    if (uuid === undefined) return
    this.#hub.tell({
      kind,
      revision: null,
      resource: 'datapaths',
      uuid,
      fields,
      about: [uuid],
    } satisfies Notice)
  }
}
