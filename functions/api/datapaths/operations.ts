/** Datapaths: the switches that carry the networks. */
import { answer, operation, parameter, resource } from 'openvnet'
import { removed } from '../common/fields.ts'
import { newUuidOf, uuidOf } from '../common/models.ts'
import { namedOperations } from '../common/relation.ts'
import { dpid } from './dpid.ts'
import { datapath } from './present.ts'
import { spanRelations } from './span-operations.ts'

const { datapathStatus, page } = answer
const { described, flag, optional, paging, text } = parameter

const displayName = 'a name for people'
const keys = { uuid: uuidOf('datapaths') }
const flags = {
  enable_ovs_learn_action: described(
    optional(flag),
    'its switch may learn addresses by itself; true by default',
  ),
  trusted_fail_mode: described(
    optional(flag),
    'it is served although its OVSDB is not reached, so that nobody sees whether its fail mode is secure',
  ),
}
export const datapaths = resource('datapaths', {
  create: operation({
    method: 'POST',
    path: '/',
    summary: 'Adds a datapath: a switch with its datapath id is served from then on.',
    parameters: {
      uuid: newUuidOf('datapaths'),
      display_name: described(text, displayName),
      dpid,
      node_id: described(text, 'the node that the switch is on'),
      ...flags,
    },
    answers: datapath,
    refusals: ['DuplicateName'],
  }),
  list: operation({
    method: 'GET',
    path: '/',
    summary: 'Lists datapaths.',
    parameters: paging,
    answers: page(datapath),
  }),
  show: operation({ method: 'GET', path: '/:uuid', summary: 'Shows a datapath.', keys, answers: datapath }),
  update: operation({
    method: 'PUT',
    path: '/:uuid',
    summary: 'Changes a datapath.',
    keys,
    parameters: { display_name: described(optional(text), displayName), ...flags },
    answers: datapath,
  }),
  remove: operation({
    method: 'DELETE',
    path: '/:uuid',
    summary:
      'Deletes a datapath; its switch is no longer served, and loses its flows and tunnel ports: only the hypervisor itself still talks through it.',
    keys,
    answers: removed('datapaths'),
  }),
  status: operation({
    method: 'GET',
    path: '/:uuid/status',
    summary:
      'Tells whether the switch of a datapath is connected and which revision of the state it has applied.',
    keys,
    answers: datapathStatus,
  }),
  ...namedOperations(spanRelations),
})
