/**
 * Router interfaces that one datapath speaks for have one that can, and load balancers have zones wherever they are asked:
 * what an event or a request did not settle, this does.
 */
import { metric, type State, schedule } from 'openvnet'
import { isBalancingSettled, settleBalancing } from '../../state/balancing.ts'
import { isPhysical } from '../../state/networks.ts'
import { isTranslationSettled, settleTranslation } from '../../state/translation-place.ts'

/** The simulated interfaces of physical networks, and those that somebody speaks for. */
function routersOf(state: State): number[] {
  const outside = [...state.networks.all()]
    .filter(isPhysical)
    .flatMap(({ id }) => state.interfaceNetworks.many('networkMode', id, 'simulated'))
  return [...outside, ...state.activeRouters.all()].map(({ interface_id }) => interface_id)
}

export default schedule({
  name: 'translation-places',
  every_ms: 1_000,
  handle(env) {
    const { state } = env
    const all = [...state.translations.all(), ...state.loadBalancers.all()]
    const interfaceIds = [...new Set(all.map(({ interface_id }) => interface_id))]
    const places = [...new Set([...interfaceIds, ...routersOf(state)])].filter(
      (id) => !isTranslationSettled(state, id),
    )
    const zones = interfaceIds.filter((id) => !isBalancingSettled(state, id))
    if (places.length + zones.length === 0) return
    const draft = env.draft()
    for (const id of places) settleTranslation(draft, id)
    for (const id of zones) settleBalancing(draft, id)
    return [metric('settled', places.length + zones.length)]
  },
})
