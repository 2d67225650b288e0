/** Every host says to its switches which VLANs are still theirs, as long as the other hosts hear from it. */
import { schedule, sendOn, sendThrough } from 'openvnet'
import { renewalActions } from '../../flows/trunk.ts'
import { renewalMs, unheardMaxMs } from '../../flows/vlan-lease.ts'
import { type ServedVlan, servedVlansBy } from '../../state/vlans.ts'

/** As many VLANs as one message says, of about 100 bytes each. */
const vlansPerMessage = 256
/** A packet-out needs a frame; this one goes nowhere (EtherType 0x88b5 is for local experiments). */
const frame = new Uint8Array(60)
frame.set([0x88, 0xb5], 12)

export default schedule({
  name: 'vlan-leases',
  every_ms: renewalMs,
  every_host: true,
  handle({ state, switches }) {
    if (switches.unheardMs > unheardMaxMs) return
    const byDatapath = new Map<number, ServedVlan[]>()
    for (const { interface_id, datapath_id } of state.activeVlans.all()) {
      if (interface_id === null || datapath_id === null) continue
      if (!switches.applied.has(datapath_id) || byDatapath.has(datapath_id)) continue
      const interfaces = new Set(
        state.activeVlans.many('datapath', datapath_id).flatMap((row) => row.interface_id ?? []),
      )
      byDatapath.set(
        datapath_id,
        [...interfaces].flatMap((id) => servedVlansBy(state, id, datapath_id)),
      )
    }
    return [...byDatapath].flatMap(([datapathId, vlans]) =>
      Array.from({ length: Math.ceil(vlans.length / vlansPerMessage) }, (_, part) => {
        const some = vlans.slice(part * vlansPerMessage, (part + 1) * vlansPerMessage)
        const { dpid } = state.datapaths.get(datapathId)!
        return sendOn(dpid, sendThrough(renewalActions(state, some), frame))
      }),
    )
  },
})
