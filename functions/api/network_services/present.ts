import type { Row, State } from 'openvnet'
import { times } from '../common/present.ts'
import { embedInterface } from '../leases/present.ts'

type NetworkService = Row<'networkServices'>

/** A network service within another object. */
export const embedNetworkService = (row: NetworkService) => ({
  id: row.id,
  uuid: row.uuid,
  interface_id: row.interface_id,
  mode: row.mode,
  display_name: row.display_name,
  incoming_port: row.incoming_port,
  outgoing_port: row.outgoing_port,
  ...times(row),
})

/** A network service as the API answers it. */
export function presentNetworkService(state: State, row: NetworkService) {
  const owner = row.interface_id === null ? undefined : state.interfaces.get(row.interface_id)
  return {
    ...embedNetworkService(row),
    interface: owner === undefined ? null : embedInterface(owner),
    ...(owner === undefined ? {} : { interface_uuid: owner.uuid }),
  }
}
