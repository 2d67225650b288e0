/** A deleted datapath that has left nothing on its switch is done with: hosts let go of the switch. */
import { event } from 'openvnet'

export default event({
  name: 'cleared',
  on: ['datapath-cleared'],
  handle({ dpid, deletedId }, { state }) {
    // It may have been registered since, and deleted once more.
    if (state.deletedDatapaths.one('dpid', dpid)?.id === deletedId) state.deletedDatapaths.delete(deletedId)
  },
})
