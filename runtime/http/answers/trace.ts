/** The way of a packet: the answer to `POST /trace`. */
import { list, nullable } from './field.ts'
import { type Answer, shape } from './shape.ts'
import { count, integer, oneOf, text, uuid } from './values.ts'

const step = shape('TraceStep', 'A table that a packet comes to.', {
  table: text('the table, by name'),
  table_id: integer(0, 254, 'its number'),
  priority: nullable(integer(0, 65_535, 'of the flow that it meets; null: none matches, and it ends')),
  match: nullable(text('what that flow matches, in names')),
  actions: nullable(text('what it does')),
  feature: nullable(text('the feature that made it, or the punt point')),
  object: nullable(text('the uuid of the object that it was made for')),
  cookie: nullable(text('as the switch has it, in hexadecimal digits')),
})

const traceOutcomes = ['delivered', 'host', 'physical', 'sent_on', 'punted', 'dropped', 'lost'] as const

const end = shape('TraceEnd', 'What has become of a packet, or of a copy of it, at a datapath.', {
  outcome: oneOf(
    traceOutcomes,
    "delivered: to an interface; host: to the host's own stack; physical: to the physical network, where the state knows nobody who has it; sent_on: to other datapaths; punted: to a function; dropped; lost: out of a port that nobody is at",
  ),
  interface_uuid: nullable(text("the interface that it was delivered to, or the host's")),
  network_uuid: nullable(text('the physical network that it went to')),
  next_hop: nullable(text('the address of the gateway, or other next hop, that a router sent it to there')),
  port: nullable(count('the number of the port that it left by')),
  port_name: nullable(text('its name')),
  datapath_uuids: list(uuid('dp', 'where it was sent on to')),
  function: nullable(text('the function that it was handed to')),
  reason: nullable(text('why it was dropped, and where')),
  packet: text('the packet as it was then'),
})

const hop = shape('TraceHop', 'The way of a packet through the tables of a datapath.', {
  datapath_uuid: uuid('dp', 'the datapath'),
  port: nullable(count('the number of the port that it came in by')),
  port_name: nullable(text('its name')),
  packet: text('the packet as it came'),
  steps: list(step),
  ends: list(end),
  notes: list(text('what could not be followed')),
})

export const trace = shape('Trace', 'The way of a packet, as the flows of the state lead it.', {
  revision: count('the revision of the state that the flows follow from'),
  interface_uuid: uuid('if', 'the interface that sends it'),
  packet: text('the packet, with what was filled in'),
  hops: list(hop),
  delivered_to: list(uuid('if', 'an interface that it, or a copy of it, is delivered to')),
  notes: list(text('what was assumed, and what could not be followed')),
})
export type Trace = Answer<typeof trace>
export type TraceHop = Trace['hops'][number]
export type TraceStep = TraceHop['steps'][number]
export type TraceEnd = TraceHop['ends'][number]
