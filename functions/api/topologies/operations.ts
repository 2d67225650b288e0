/** Topologies: networks, segments and route links span datapaths by them, said once instead of for each pair. */
import { answer, operation, parameter, resource, topologyModes } from 'openvnet'
import { removed } from '../common/fields.ts'
import { newUuidOf, uuidOf } from '../common/models.ts'
import { namedOperations } from '../common/relation.ts'
import { topology, topologyDatapath } from './present.ts'
import { carrierChange, memberRelations, otherRelations } from './relations.ts'

const { described, oneOf, paging } = parameter
const keys = { uuid: uuidOf('topologies') }

export const topologies = resource('topologies', {
  create: operation({
    method: 'POST',
    path: '/',
    summary: 'Adds a topology.',
    parameters: {
      uuid: newUuidOf('topologies'),
      mode: described(
        oneOf(topologyModes),
        'simple_underlay: it has datapaths; simple_overlay: those of the underlays that it lies on',
      ),
    },
    answers: topology,
  }),
  list: operation({
    method: 'GET',
    path: '/',
    summary: 'Lists topologies.',
    parameters: paging,
    answers: answer.page(topology),
  }),
  show: operation({ method: 'GET', path: '/:uuid', summary: 'Shows a topology.', keys, answers: topology }),
  update: operation({
    method: 'PUT',
    path: '/:uuid',
    summary: 'Changes a topology: there is nothing to change.',
    keys,
    answers: topology,
  }),
  remove: operation({
    method: 'DELETE',
    path: '/:uuid',
    summary: 'Deletes a topology, with all that spans datapaths by it.',
    keys,
    answers: removed('topologies'),
  }),
  updateDatapath: operation({
    method: 'PUT',
    path: '/:uuid/datapaths/:datapath_uuid',
    summary: 'Changes which host interface or address of a datapath carries what is in a topology.',
    keys: { ...keys, datapath_uuid: uuidOf('datapaths') },
    parameters: carrierChange,
    answers: topologyDatapath,
    refusals: ['UnknownResource'],
  }),
  ...namedOperations({ ...memberRelations, ...otherRelations }),
})
