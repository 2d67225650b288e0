/** `GET /events` for the OpenAPI document. */
import { everywhere, refusalResponses } from './refusals.ts'

const parameter = (name: string, where: 'query' | 'header', description: string, type = 'string') => ({
  name,
  in: where,
  required: false,
  description,
  schema: { type },
})

const about = `A stream of server-sent events that goes on for as long as it is read; with \`last\`, only what has happened, and then its end. Each has a name and JSON data:
\`begin\` (first: the revision from which on everything that is wanted is told, and which datapaths are connected);
\`created\`, \`changed\`, \`deleted\`, \`port_appeared\`, \`port_gone\` (state changed: revision, resource, uuid, fields as they are now, of what
changed also as they were before; these have an id, their revision); \`datapath_connected\`, \`datapath_disconnected\`, \`applied\` (a
datapath has the flows of a revision); \`alarm\` (something that a person should hear of, its name and message in the fields: of the host that is asked at once, of others by way of
the database, at most twenty a second of each, with an id by which they are told again, too); \`compacted\` (what came after \`since\` is not known any
more: read the state anew); \`end\` (the last one, and why: slow, stopping, failed, complete). A comment comes every ten seconds.`

export const events = {
  get: {
    operationId: 'get_events',
    tags: ['host'],
    summary: 'Tells what happens, as it happens.',
    description: about.replaceAll('\n', ' '),
    parameters: [
      parameter(
        'since',
        'query',
        'begin after this revision: exactly what has changed since comes first',
        'integer',
      ),
      parameter(
        'Last-Event-ID',
        'header',
        'as since, and counts before it: what browsers send when they come back',
      ),
      parameter(
        'last',
        'query',
        'only so many of what has happened, the newest (after since, where that is given), and not what comes; 1 to 10000',
        'integer',
      ),
      parameter('resource', 'query', 'only of these resources, with commas: networks,ip_leases'),
      parameter('uuid', 'query', 'only what is about these objects, with commas'),
      parameter('datapath', 'query', 'only what is about these datapaths, by uuid, with commas'),
      parameter('kind', 'query', 'only events of these names, with commas: created,deleted,applied'),
    ],
    responses: {
      '200': {
        description: 'What happens.',
        content: { 'text/event-stream': { schema: { type: 'string', description: 'events' } } },
      },
      ...refusalResponses(['ArgumentError', ...everywhere]),
    },
  },
}
