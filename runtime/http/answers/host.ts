/** What hosts answer by themselves, without a function: they alone know their switches. */
import { list, nullable } from './field.ts'
import { type Answer, shape } from './shape.ts'
import { atLeast, count, flag, matching, text, uuid } from './values.ts'

const dpid = matching(/^0x[0-9a-f]{16}$/, 'the datapath id, 16 hexadecimal digits')
const revision = count('a revision of the state: a number that grows with every transaction')

export const applied = shape('Applied', 'How far the datapaths are with a revision of the state.', {
  revision,
  pending: list(uuid('dp', 'connected, but not there in time')),
  disconnected: list(uuid('dp', 'not connected: it follows when it is')),
})
export type Applied = Answer<typeof applied>

export const datapathStatus = shape('DatapathStatus', 'How a datapath is doing.', {
  uuid: uuid('dp', 'its uuid'),
  dpid,
  connected: flag('its switch is connected, to the host that answers or to another'),
  peer: nullable(text('the address of its switch; null where this host is not connected')),
  other_hosts: list(text('a host that serves it too: its node, or its id')),
  revision,
  applied_revision: nullable(
    atLeast(-1, 'the revision that its switch has acknowledged; -1: none yet; null: it is not connected'),
  ),
  ports: count('how many ports it has'),
  flows: nullable(count('how many flows it is to have; null where another host serves it')),
  refusals: nullable(count('how many flows its switch refused; null where this host is not connected')),
})
export type DatapathStatus = Answer<typeof datapathStatus>

const auditedDatapath = shape('AuditedDatapath', 'What was found at a datapath.', {
  uuid: uuid('dp', 'its uuid'),
  dpid,
  connected: flag('its switch was asked, too'),
  differences: list(text('a difference between the flows held, those of the state and those in the switch')),
})
export const audit = shape('Audit', 'The flows of every datapath, recomputed from the state and compared.', {
  revision,
  datapaths: list(auditedDatapath),
})
export type Audit = Answer<typeof audit>
