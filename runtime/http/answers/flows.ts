/** The flows of a switch, in names: the answer to `GET /datapaths/:uuid/flows`. */
import { list, nullable } from './field.ts'
import { type Answer, shape } from './shape.ts'
import { count, flag, integer, text, uuid } from './values.ts'

const flow = shape('Flow', 'A flow that a switch has.', {
  table: text('the table that it is in, by name'),
  table_id: integer(0, 254, 'the number of the table'),
  priority: integer(0, 65_535, 'the higher goes first'),
  feature: text('the feature that made it, or the punt point where it hands packets to a function'),
  object: nullable(text('the uuid of the object that it was made for; null: it has none')),
  match: text('what it matches, in the names of fields, registers and objects; * is everything'),
  actions: text('what it does; drop, where that is nothing'),
  cookie: text('as the switch has it, in hexadecimal digits'),
  packets: count('packets that it matched'),
  bytes: count('bytes that it matched'),
  seconds: count('how long the switch has had it'),
})

export const datapathFlows = shape('DatapathFlows', 'Flows of a datapath, as its switch has them.', {
  uuid: uuid('dp', 'the datapath'),
  total_count: count('how many flows the switch has'),
  matching_count: count('how many of them are asked for'),
  complete: flag('all that are asked for are here; else there are too many'),
  flows: list(flow),
})
export type DatapathFlows = Answer<typeof datapathFlows>
export type ShownFlow = DatapathFlows['flows'][number]
