/** `POST /trace` for the OpenAPI document. */
import { trace } from '../answers/trace.ts'
import { everywhere, refusalResponses } from './refusals.ts'
import { type Components, json, schemaOf } from './schemas.ts'

const properties = {
  interface_uuid: {
    type: 'string',
    description:
      'uuid of the Interface that sends the packet, or the name of a port that it alone is plugged into',
  },
  packet: {
    type: 'string',
    description:
      'words (icmp, tcp, udp, arp, ip, icmp6, tcp6, udp6, ipv6) and fields with commas; what is not said comes from the leases of the interface',
    examples: ['icmp,ipv4_dst=10.0.0.12', 'tcp,dst=10.0.1.5,dst_port=80', 'arp,arp_tpa=10.0.0.1'],
  },
  ct: {
    type: 'string',
    description:
      'what connection tracking says of it, one time after the other, with commas: new (by default), est, rpl, rel, inv',
  },
}

export const tracePath = (components: Components) => ({
  post: {
    operationId: 'post_trace',
    tags: ['host'],
    summary:
      'Follows a packet of an interface through the tables of every datapath that it passes. Nothing is sent.',
    requestBody: {
      required: true,
      content: json({ type: 'object', properties, required: ['interface_uuid', 'packet'] }),
    },
    responses: {
      '200': {
        description: 'Its way, and where it ends.',
        content: json(schemaOf(trace.schema, components)),
      },
      ...refusalResponses([
        'UnknownUUIDResource',
        'MissingArgument',
        'ArgumentError',
        'UnsupportedMediaType',
        ...everywhere,
      ]),
    },
  },
})
