/** The other datapaths that have a segment: the way to each, what comes from it, and its copies. */
import type { FlowFunction } from 'openvnet'
import { activeDatapaths, hasStrangers, segmentDomain } from '../../state/domains.ts'
import { fromTunnels, toPeers } from '../networks/peer-flows.ts'
import { peersOf } from '../networks/peer-links.ts'
import { tunnelUnit } from '../tunnel.ts'

/** The object is the segment. */
export const segmentPeers: FlowFunction = ({ datapathId, objectId }, state) => {
  const segment = state.segments.get(objectId)
  if (segment === undefined) return { flows: [] }
  const plain = segmentDomain(segment)
  const domain = { ...plain, mixed: true, strangers: hasStrangers(state, plain) }
  const others = activeDatapaths(state, domain).filter((id) => id !== datapathId)
  const peers = peersOf(state, datapathId, domain, others, domain.mixed)
  return {
    flows: [...toPeers(domain, peers, true), ...fromTunnels(domain, peers)],
    children: peers.length === 0 ? [] : [tunnelUnit(datapathId, domain)],
  }
}
