/** Segments: broadcast domains without addresses of their own. */
import { answer, operation, parameter, resource, segmentModes } from 'openvnet'
import { removed } from '../common/fields.ts'
import { newUuidOf, uuidOf } from '../common/models.ts'
import { segment } from './present.ts'

const { page } = answer
const { described, oneOf, optional, paging } = parameter
const keys = { uuid: uuidOf('segments') }

export const segments = resource('segments', {
  create: operation({
    method: 'POST',
    path: '/',
    summary: 'Adds a segment.',
    parameters: {
      uuid: newUuidOf('segments'),
      topology_uuid: described(optional(uuidOf('topologies')), 'the topology that it is put into'),
      mode: described(oneOf(segmentModes), 'physical: as cabled; virtual: on every datapath that it spans'),
    },
    answers: segment,
  }),
  list: operation({
    method: 'GET',
    path: '/',
    summary: 'Lists segments.',
    parameters: paging,
    answers: page(segment),
  }),
  show: operation({ method: 'GET', path: '/:uuid', summary: 'Shows a segment.', keys, answers: segment }),
  remove: operation({
    method: 'DELETE',
    path: '/:uuid',
    summary: 'Deletes a segment, with the networks that lie on it and the addresses in it.',
    keys,
    answers: removed('segments'),
  }),
})
