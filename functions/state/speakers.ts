/**
 * Router interfaces that one datapath speaks for (`active_routers`): to the machines of a physical network, which know
 * one router, under one MAC address; and wherever connections are remembered, since one datapath remembers them.
 */
import type { Draft, Row, State } from 'openvnet'
import { isLinked, linkedOf, unknown, withdrawn } from './fence.ts'
import { carrierOf } from './host-interfaces.ts'
import { isPhysical, type Network } from './networks.ts'
import { remembersConnections } from './translation.ts'

export type ActiveRouter = Row<'activeRouters'>

/** The datapaths that a router interface belongs to; none: it is everywhere. */
export const ownersOf = (state: State, interfaceId: number) =>
  state.interfacePorts.many('interface', interfaceId).flatMap(({ datapath_id }) => datapath_id ?? [])

/** A datapath that could speak for a router interface. */
export interface SpeakerPlace {
  readonly datapathId: number
  /** The cable to the physical network is in. */
  readonly linked: boolean
}

/** The datapaths with a host interface in a physical network, by the age of the interface. */
const carriersOf = (state: State, networkId: number): SpeakerPlace[] =>
  state.interfaceNetworks
    .many('networkMode', networkId, 'host')
    .flatMap((host) => state.activeInterfaces.many('interface', host.interface_id))
    .flatMap(({ datapath_id: datapathId }) => {
      const carrier = carrierOf(state, datapathId, networkId)
      if (carrier === undefined) return []
      return [{ datapathId, linked: isLinked(state, datapathId, carrier.portName) }]
    })

const isRouter = (iface: Row<'interfaces'> | undefined) => iface?.mode === 'simulated' && iface.enable_routing

/** The datapaths that could speak for a router interface in one of its networks, best first: its owners alone, where it has such. */
export function speakerPlaces(state: State, interfaceId: number, networkId: number): SpeakerPlace[] {
  const network = state.networks.get(networkId)
  if (network === undefined || !isRouter(state.interfaces.get(interfaceId))) return []
  const owners = ownersOf(state, interfaceId)
  const places = isPhysical(network)
    ? carriersOf(state, networkId)
    : state.activeNetworks
        .many('network', networkId)
        .map(({ datapath_id }) => ({ datapathId: datapath_id, linked: true }))
  return places.filter(({ datapathId }) => owners.length === 0 || owners.includes(datapathId))
}

/** Where connections are remembered, the first of its networks says where; else each physical one has a speaker of its own. */
function networksSpokenIn(state: State, interfaceId: number): Network[] {
  const all = state.interfaceNetworks
    .many('interface', interfaceId)
    .flatMap(({ network_id }) => state.networks.get(network_id) ?? [])
  return remembersConnections(state, interfaceId) ? all.slice(0, 1) : all.filter(isPhysical)
}

/** Who goes on: who speaks; until that one has begun to, the best. Undefined: nobody, until who did is silent. */
function successorOf(row: ActiveRouter | undefined, places: readonly number[], held: number | undefined) {
  if (row === undefined) return places.find((id) => id === held) ?? places[0]
  const isNew = row.speaks && !row.leased && row.is_new
  if (isNew && places.length > 0) return places[0]
  return places.find((id) => id === row.datapath_id)
}

/** In a virtual network nobody hears two at once: another can follow at one stroke. */
const isHeard = (state: State, networkId: number) => {
  const network = state.networks.get(networkId)
  return network !== undefined && isPhysical(network)
}

/** A row that is to be there, or to be otherwise. */
interface SpeakerChange {
  readonly row: ActiveRouter | undefined
  readonly networkId: number
  readonly values: Partial<Pick<ActiveRouter, 'datapath_id' | 'speaks' | 'leased'>>
}

function changeIn(state: State, interfaceId: number, networkId: number, isWanted: boolean): SpeakerChange[] {
  const row = state.activeRouters.one('router', interfaceId, networkId)
  const places = isWanted ? speakerPlaces(state, interfaceId, networkId) : []
  const held = state.conntrackZones
    .many('interface', interfaceId)
    .find(({ purpose }) => purpose === 'translation')?.datapath_id
  const able = linkedOf(places).map(({ datapathId }) => datapathId)
  const next = successorOf(row, able, held)
  const datapath_id = next ?? (isHeard(state, networkId) ? undefined : able[0])
  if (datapath_id !== undefined) {
    const values = { datapath_id, speaks: true, leased: places.length > 1 }
    const isSame = row?.speaks === true && row.datapath_id === datapath_id && row.leased === values.leased
    return isSame ? [] : [{ row, networkId, values }]
  }
  return row?.speaks ? [{ row, networkId, values: { speaks: false, leased: withdrawn(row).leased } }] : []
}

/** What is to change of who speaks for an interface. */
function changesOf(state: State, interfaceId: number): SpeakerChange[] {
  const wanted = new Set(networksSpokenIn(state, interfaceId).map(({ id }) => id))
  const known = state.activeRouters.many('interface', interfaceId).map(({ network_id }) => network_id)
  return [...new Set([...wanted, ...known])].flatMap((id) => changeIn(state, interfaceId, id, wanted.has(id)))
}

export const areSpeakersSettled = (state: State, interfaceId: number) =>
  changesOf(state, interfaceId).length === 0

/**
 * Brings who speaks for an interface in line with who could. Where the one that did cannot any more, another waits until that is
 * known to be silent: the schedule `fail-over` sees to it.
 */
export function settleSpeakers(draft: Draft, interfaceId: number): void {
  // A draft is read like the state.
  for (const { row, networkId, values } of changesOf(draft as unknown as State, interfaceId))
    if (row === undefined)
      draft.activeRouters.insert({
        ...{ interface_id: interfaceId, network_id: networkId, is_new: true },
        ...values,
      })
    else draft.activeRouters.update(row.id, { ...values, ...unknown })
}

/** From now on a datapath speaks. */
export const speakFrom = (draft: Draft, row: ActiveRouter, datapath_id: number, leased: boolean) =>
  draft.activeRouters.update(row.id, { datapath_id, speaks: true, leased, ...unknown, is_new: false })

/**
 * The datapath that speaks for a router interface in a network. Where nobody has settled that yet, the one that would.
 * Undefined: nobody does.
 */
export function speakerIn(state: State, interfaceId: number, networkId: number): number | undefined {
  const row = state.activeRouters.one('router', interfaceId, networkId)
  if (row === undefined) return speakerPlaces(state, interfaceId, networkId)[0]?.datapathId
  return row.speaks ? (row.datapath_id ?? undefined) : undefined
}

/** Whether others could speak for it, so that its switch has to know when one does. */
export const isSpeakerLeased = (state: State, interfaceId: number, networkId: number) =>
  state.activeRouters.one('router', interfaceId, networkId)?.leased === true

/** The network whose speaker remembers the connections of an interface. Undefined: it remembers none. */
export const rememberedIn = (state: State, interfaceId: number): number | undefined =>
  remembersConnections(state, interfaceId) ? networksSpokenIn(state, interfaceId)[0]?.id : undefined
