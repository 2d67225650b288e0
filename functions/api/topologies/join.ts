/** What is put into a topology when it is made. */
import type { ApiEnvironment } from 'openvnet'
import type { SpanKind } from '../../state/spans.ts'
import { settleSpans } from '../../state/topologies.ts'
import { addMember, pairsOfObject } from '../../state/topology-pairs.ts'
import { findOptional } from '../common/find.ts'

/** Puts a new object into the topology that was named with it, if one was. */
export function joinTopology(
  environment: ApiEnvironment,
  kind: SpanKind,
  objectId: number,
  topology_uuid: string | undefined,
): void {
  const { state } = environment
  const topology = findOptional(state, 'topologies', topology_uuid, 'topology_uuid')
  if (topology === undefined) return
  addMember(state, topology.id, kind, objectId)
  settleSpans(environment, pairsOfObject(state, topology.id, kind, objectId))
}
