import { argumentError, type Row } from 'openvnet'

type Topology = Row<'topologies'>

/** Nothing is accepted that nothing would follow from. */
export function checkMode(
  topology: Topology,
  mode: Topology['mode'],
  what: string,
  parameter = 'uuid',
): void {
  if (topology.mode !== mode)
    throw argumentError(
      `${parameter}: only topologies of mode ${mode} have ${what}; that of ${topology.uuid} is ${topology.mode}`,
    )
}
