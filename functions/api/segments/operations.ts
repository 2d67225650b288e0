/** Segments: broadcast domains without addresses of their own. */
import { operation, parameter, resource } from 'openvnet'
import { newUuidOf, uuidOf, uuidOfTopology } from '../common/models.ts'

const { described, oneOf, optional, paging } = parameter
const keys = { uuid: uuidOf('segments') }

export const segments = resource('segments', {
  create: operation({
    method: 'POST',
    path: '/',
    summary: 'Adds a segment.',
    parameters: {
      uuid: newUuidOf('segments'),
      topology_uuid: described(optional(uuidOfTopology), 'there are no topologies yet: any is unknown'),
      mode: described(
        oneOf(['physical', 'virtual']),
        'physical: as cabled; virtual: on every datapath that it spans',
      ),
    },
  }),
  list: operation({
    method: 'GET',
    path: '/',
    summary: 'Lists segments.',
    parameters: paging,
    answers: 'list',
  }),
  show: operation({ method: 'GET', path: '/:uuid', summary: 'Shows a segment.', keys }),
  remove: operation({
    method: 'DELETE',
    path: '/:uuid',
    summary: 'Deletes a segment, with the networks that lie on it and the addresses in it.',
    keys,
    answers: 'array',
  }),
})
