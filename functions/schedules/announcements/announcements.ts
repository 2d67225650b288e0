/** Announces the rest of the addresses of what a switch of this host began to serve a moment ago. */
import { schedule } from 'openvnet'
import {
  addressesOfNetwork,
  addressesOfRouter,
  routerAudience,
  vlanAudience,
} from '../../events/announced-places.ts'
import { announcingMs, goOnAnnouncing } from '../../events/announcing.ts'
import { servedVlansOf } from '../../state/vlans.ts'

export default schedule({
  name: 'announcements',
  every_ms: announcingMs,
  every_host: true,
  handle(env) {
    const { state } = env
    const remembered = (key: string) => env.remembered(key)
    const networkIds = new Set([...state.activeVlans.all()].map(({ network_id }) => network_id))
    const vlans = [...networkIds]
      .flatMap((id) => servedVlansOf(state, id))
      .flatMap((vlan) =>
        goOnAnnouncing(
          vlanAudience(state, vlan),
          () => addressesOfNetwork(state, vlan.networkId),
          remembered,
        ),
      )
    const routers = [...state.activeRouters.all()].flatMap((row) => {
      const audience = routerAudience(state, row)
      return audience ? goOnAnnouncing(audience, () => addressesOfRouter(state, row), remembered) : []
    })
    return [...vlans, ...routers]
  },
})
