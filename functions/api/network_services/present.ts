/** Network services as the API answers them. */
import { answer, serviceModes } from 'openvnet'
import { identity, times } from '../common/fields.ts'
import { interfaceUuid, ownInterface } from '../interfaces/embedded.ts'

const { id, integer, ipv4, nullable, oneOf, shape, text } = answer

const portNumber = (about: string) => nullable(integer(0, 65_535, about))

const fields = {
  ...identity('networkServices'),
  interface_id: nullable(id('the interface that offers it')),
  mode: oneOf(serviceModes, 'what it offers'),
  display_name: nullable(text('a name for people')),
  incoming_port: portNumber('the port where it is asked; null: its protocol says which'),
  outgoing_port: portNumber('the port that its answers go to'),
  ...times,
}

export const embeddedNetworkService = shape(
  'EmbeddedNetworkService',
  'A network service within another object.',
  fields,
)

export const networkService = shape(
  'NetworkService',
  'What an interface offers to the machines of its network.',
  {
    ...fields,
    interface: ownInterface,
    interface_uuid: interfaceUuid,
    next_server_ipv4_address: nullable(ipv4('dhcp: the server that machines boot from')),
    boot_files: nullable(text('dhcp: what machines boot, by their kind: kind:file with commas between them')),
  },
)
