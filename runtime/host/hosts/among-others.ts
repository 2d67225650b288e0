/** Puts a host among the others of its database: what it reports of itself, and what it makes of their reports. */
import type { Store } from '../../../db/store/store.ts'
import type { Functions } from '../../dispatch/functions.ts'
import type { Logger } from '../../log.ts'
import type { NetworkState } from '../network-state.ts'
import type { HostReport, OtherHost } from './host-table.ts'
import { Presence } from './presence.ts'
import { leftToNewer } from './stand-by.ts'

export interface AmongOthersOptions {
  readonly store: Store
  readonly nodeId: string | null
  readonly state: NetworkState
  readonly functions: Pick<Functions, 'registry'>
  readonly log: Logger
  /** Another host has said how it is. */
  readonly heard: () => void
}

/** Resolves when the others can know of this host. */
export async function joinOthers({ store, nodeId, state, functions, log, heard }: AmongOthersOptions) {
  const flowsVersion = () => functions.registry.active('flows')[0]?.version ?? 0
  const report = (): HostReport => ({
    nodeId,
    flowsVersion: flowsVersion(),
    applied: new Map(state.hub.connected.map((id) => [id, state.hub.get(id)?.appliedRevision ?? -1])),
  })
  const onOthers = (others: readonly OtherHost[]) => {
    heard()
    for (const { uuid, left } of state.leaveToOthers(leftToNewer(flowsVersion(), others)))
      if (left)
        log.warn('another host serves the datapath with newer flow functions; this one stands by', {
          datapath: uuid,
          flows: flowsVersion(),
        })
      else
        log.info('no other host serves the datapath with newer flow functions any more', { datapath: uuid })
  }
  const presence = new Presence({ database: store, report, onOthers })
  await presence.start()
  return presence
}
