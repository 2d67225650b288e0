/** Network services: what a simulated interface offers to the machines of its network. */
import { answer, operation, parameter, resource, serviceModes } from 'openvnet'
import { bootFileBytesMax, bootFilesMax, bootKinds, parseBootFiles } from '../../state/boot.ts'
import { removed } from '../common/fields.ts'
import { newUuidOf, uuidOf } from '../common/models.ts'
import { networkService } from './present.ts'

const { page } = answer
const { described, integer, ipv4, oneOf, optional, paging, parsed, text } = parameter

const bootFilesProblem = `must be up to ${bootFilesMax} of kind:file with commas between them, each kind once (${bootKinds.join(', ')} or the number of an architecture), files of up to ${bootFileBytesMax} bytes`
const bootFiles = parsed((given) =>
  given.trim() === '' || parseBootFiles(given) !== null
    ? { value: given.trim() === '' ? null : given }
    : { problem: bootFilesProblem },
)
const keys = { uuid: uuidOf('networkServices') }
const port = (text: string) => described(optional(integer(0, 65_535)), text)
/** Of DHCP services: for machines that boot from the network. */
const boot = {
  next_server_ipv4_address: described(
    optional(ipv4),
    'dhcp: the server that machines boot from (siaddr, option 66); 0.0.0.0: none',
  ),
  boot_files: described(
    optional(bootFiles),
    `dhcp: what machines boot (file, option 67), by their kind: kind:file with commas between them; kinds are ${bootKinds.join(' ')} and numbers of architectures (option 93), the most special counts, ipxe before all; empty: nothing`,
  ),
}
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
      ...boot,
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
    parameters: { display_name: displayName, ...boot },
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
