/** Router interfaces that remember connections are somewhere where they can be: what an event or a request did not settle, this does. */
import { metric, schedule } from 'openvnet'
import { isTranslationSettled, settleTranslation } from '../../state/translation-place.ts'

export default schedule({
  name: 'translation-places',
  every_ms: 1_000,
  handle({ state, draft }) {
    const interfaceIds = new Set([...state.translations.all()].map(({ interface_id }) => interface_id))
    const unsettled = [...interfaceIds].filter((id) => !isTranslationSettled(state, id))
    if (unsettled.length === 0) return
    for (const id of unsettled) settleTranslation(draft(), id)
    return [metric('settled', unsettled.length)]
  },
})
