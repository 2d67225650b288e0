/** What one datapath serves of several that could: how each kind of it is kept, and handed over. */
import { type AlarmEffect, alarm, type Draft, type Row, type State } from 'openvnet'
import { type Fence, unknown } from '../../state/fence.ts'
import { speakerPlaces, speakFrom } from '../../state/speakers.ts'
import { followSpeaker } from '../../state/translation-place.ts'
import { serveBy, type TrunkPort, trunkPortsOf } from '../../state/vlans.ts'

/** A datapath that could serve. */
export interface Place {
  readonly datapathId: number
  readonly linked: boolean
}

/** `R`: its rows; `P`: who could serve one. */
export interface Kind<R extends Fence, P extends Place> {
  rows(state: State): Iterable<R>
  get(draft: Draft, id: number): R | undefined
  isServed(row: R): boolean
  /** Best first. */
  places(state: State | Draft, row: R): readonly P[]
  isSame(a: P, b: P): boolean
  learn(draft: Draft, id: number, known: Partial<Fence>): void
  forget(draft: Draft, id: number): void
  /** Makes it serve from now on, and says so. */
  handOver(draft: Draft, row: R, place: P, leased: boolean): AlarmEffect
}

export const vlans: Kind<Row<'activeVlans'>, TrunkPort> = {
  rows: (state) => state.activeVlans.all(),
  get: (draft, id) => draft.activeVlans.get(id),
  isServed: ({ interface_id }) => interface_id !== null,
  places: (state, { network_id, vlan_id }) => trunkPortsOf(state as State, network_id).get(vlan_id) ?? [],
  isSame: (a, b) => a.interfaceId === b.interfaceId && a.datapathId === b.datapathId,
  learn: (draft, id, known) => draft.activeVlans.update(id, known),
  forget: (draft, id) => draft.activeVlans.delete(id),
  handOver(draft, row, next, leased) {
    serveBy(draft, row, next, leased)
    draft.activeVlans.update(row.id, unknown)
    const network = draft.networks.get(row.network_id)!.uuid
    const serving = draft.interfaces.get(next.interfaceId)!.uuid
    const datapath = draft.datapaths.get(next.datapathId)!.uuid
    return alarm(
      'vlan-handed-over',
      `VLAN ${row.vlan_id} of ${network} is served by ${serving} on ${datapath} now`,
      { vlan: row.vlan_id },
      [network, serving, datapath],
    )
  },
}

export const routers: Kind<Row<'activeRouters'>, Place> = {
  rows: (state) => state.activeRouters.all(),
  get: (draft, id) => draft.activeRouters.get(id),
  isServed: ({ speaks }) => speaks,
  places: (state, { interface_id, network_id }) => speakerPlaces(state as State, interface_id, network_id),
  isSame: (a, b) => a.datapathId === b.datapathId,
  learn: (draft, id, known) =>
    draft.activeRouters.update(id, known.acknowledged ? { ...known, is_new: false } : known),
  forget: (draft, id) => draft.activeRouters.delete(id),
  handOver(draft, row, { datapathId }, leased) {
    speakFrom(draft, row, datapathId, leased)
    followSpeaker(draft, row.interface_id)
    const router = draft.interfaces.get(row.interface_id)!.uuid
    const network = draft.networks.get(row.network_id)!.uuid
    const datapath = draft.datapaths.get(datapathId)!.uuid
    return alarm('router-handed-over', `${datapath} speaks for the router ${router} in ${network} now`, {}, [
      router,
      network,
      datapath,
    ])
  },
}
