/** `GET /datapaths/:uuid/flows`. */
import { ApiError, argumentError, invalidUuid } from '../../http/errors.ts'
import { represent } from '../../http/represent.ts'
import type { HostRoute } from '../../http/shell/host-route.ts'
import type { Presence } from '../hosts/presence.ts'
import type { NetworkState } from '../network-state.ts'
import type { Switches } from '../switches.ts'
import { readFlows } from './datapath-flows.ts'

export interface LookSources {
  readonly state: NetworkState
  readonly presence: Presence | undefined
}

function notHere(uuid: string, datapathId: number, presence: Presence | undefined): ApiError {
  const others = presence?.others.filter(({ applied }) => applied.has(datapathId)) ?? []
  const where = others.map(({ id, nodeId }) => nodeId ?? id).join(', ')
  return new ApiError(
    'Unavailable',
    where === ''
      ? `the switch of ${uuid} is not connected`
      : `the switch of ${uuid} is connected to another host: ask the one of ${where}`,
  )
}

export const flowsRoute = (begun: () => LookSources, switches: Pick<Switches, 'get'>): HostRoute => ({
  method: 'GET',
  path: /^\/datapaths\/([^/]+)\/flows$/,
  async answer({ keys: [uuid = ''], query, representation }) {
    const { state, presence } = begun()
    const row = state.view.datapaths.one('uuid', uuid)
    if (row === undefined && !/^dp-\w+$/.test(uuid)) throw invalidUuid('Datapath', 'uuid', 'dp', uuid)
    if (row === undefined) throw new ApiError('UnknownUUIDResource', `Datapath#uuid: ${uuid}`)
    const served = switches.get(row.dpid)
    if (served === undefined) throw notHere(uuid, row.id, presence)
    const names = state.names()
    const word = (name: string) => query.get(name) ?? undefined
    const table = word('table')
    if (table !== undefined && !names.hasTable(table))
      throw argumentError(`table: there is no ${table.slice(0, 100)}; there are ${names.tables.join(', ')}`)
    const filter = { table, feature: word('feature'), object: word('object') }
    const desired = state.engine.desired(row.id)
    const flows = await readFlows(uuid, served.session, { names, filter, desired })
    return represent(200, JSON.stringify(flows), representation)
  },
})
