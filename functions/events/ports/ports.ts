/** Ports of switches come and go: the state follows, and what is plugged into them with it. */
import { event } from 'openvnet'
import { portAdded, portRemoved, portsListed } from '../../state/ports.ts'

export default event({
  name: 'ports',
  on: ['ports-listed', 'port-added', 'port-removed'],
  handle(happened, { state }) {
    const datapath = state.datapaths.one('dpid', happened.dpid)
    // Deleted meanwhile: its ports went with it.
    if (datapath === undefined) return
    switch (happened.type) {
      case 'ports-listed':
        return portsListed(state, datapath.id, happened.ports)
      case 'port-added':
        return portAdded(state, datapath.id, happened)
      case 'port-removed':
        return portRemoved(state, datapath.id, happened.portName)
    }
  },
})
