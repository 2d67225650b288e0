/** The root: what a datapath needs, and nothing else. */
import type { FlowFunction } from 'openvnet'

export const datapath: FlowFunction = ({ datapathId }, state) => {
  if (state.datapaths.get(datapathId) === undefined) return { flows: [] }
  const unit = (feature: string, objectId: number) => ({ feature, datapathId, objectId })
  return {
    flows: [],
    children: [
      unit('base', datapathId),
      unit('host', datapathId),
      unit('translatedLinks', datapathId),
      ...state.activeSegments.many('datapath', datapathId).map((row) => unit('segment', row.segment_id)),
      ...state.activeNetworks.many('datapath', datapathId).map((row) => unit('network', row.network_id)),
    ],
    lists: [
      {
        feature: 'port',
        objectIds: state.activeInterfaces.many('datapath', datapathId).map((row) => row.interface_id),
      },
    ],
  }
}
