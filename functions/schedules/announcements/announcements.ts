/** Announces the rest of the addresses of what a switch of this host began to serve a moment ago. */
import { type Effect, type ScheduleEnvironment, schedule } from 'openvnet'
import {
  addressesOfNetwork,
  addressesOfRouter,
  routerAudience,
  vlanAudience,
} from '../../events/announced-places.ts'
import { announcingMs, goOnAnnouncing, messagesPerRun } from '../../events/announcing.ts'
import { servedVlansOf } from '../../state/vlans.ts'

/** What may have something to announce: what switches of this host serve. */
function* placesOf({ state, switches }: ScheduleEnvironment) {
  const networkIds = new Set([...state.activeVlans.all()].map(({ network_id }) => network_id))
  for (const vlan of [...networkIds].flatMap((id) => servedVlansOf(state, id)))
    if (switches.here.has(vlan.datapathId))
      yield { audience: vlanAudience(state, vlan), all: () => addressesOfNetwork(state, vlan.networkId) }
  for (const row of state.activeRouters.all()) {
    const isHere = row.datapath_id !== null && switches.here.has(row.datapath_id)
    const audience = isHere ? routerAudience(state, row) : undefined
    if (audience !== undefined) yield { audience, all: () => addressesOfRouter(state, row) }
  }
}

export default schedule({
  name: 'announcements',
  every_ms: announcingMs,
  every_host: true,
  handle(env) {
    const effects: Effect[] = []
    for (const { audience, all } of placesOf(env))
      effects.push(
        ...goOnAnnouncing(audience, all, (key) => env.remembered(key), messagesPerRun - effects.length),
      )
    return effects
  },
})
