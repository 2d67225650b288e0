/** Network services: what a simulated interface offers to the machines of its network. */
import { answer, operation, parameter, resource, serviceModes } from 'openvnet'
import { removed } from '../common/fields.ts'
import { newUuidOf, uuidOf } from '../common/models.ts'
import { networkService } from './present.ts'

const { page } = answer
const { described, integer, oneOf, optional, paging, text } = parameter
const keys = { uuid: uuidOf('networkServices') }
const port = (text: string) => described(optional(integer(0, 65_535)), text)
const displayName = described(optional(text), 'a name for people')

export const networkServices = resource('network_services', {
  create: operation({
    method: 'POST',
    path: '/',
    summary: 'Adds a network service.',
    parameters: {
      uuid: newUuidOf('networkServices'),
      display_name: displayName,
      interface_uuid: described(optional(uuidOf('interfaces')), 'the simulated interface that offers it'),
      incoming_port: port('the port where it is asked: 67 for dhcp, 53 for dns'),
      outgoing_port: port('the port that its answers go to: 68 for dhcp'),
      mode: described(optional(oneOf(serviceModes)), 'what it offers; required, here or as type'),
      type: described(
        optional(oneOf(serviceModes)),
        'an old name of mode, which counts where mode is not given',
      ),
    },
    answers: networkService,
    refusals: ['MissingArgument'],
  }),
  list: operation({
    method: 'GET',
    path: '/',
    summary: 'Lists network services.',
    parameters: paging,
    answers: page(networkService),
  }),
  show: operation({
    method: 'GET',
    path: '/:uuid',
    summary: 'Shows a network service.',
    keys,
    answers: networkService,
  }),
  update: operation({
    method: 'PUT',
    path: '/:uuid',
    summary: 'Changes a network service.',
    keys,
    parameters: { display_name: displayName },
    answers: networkService,
  }),
  remove: operation({
    method: 'DELETE',
    path: '/:uuid',
    summary: 'Deletes a network service.',
    keys,
    answers: removed('networkServices'),
  }),
})
