/** Which answer a DHCPv6 message gets, if any (RFC 8415, 18.3): every kind of message is a row of a table. */
import { dhcpv6MessageType as type } from 'openvnet'

export interface Kind {
  /** What it is answered with. */
  readonly answer: 'advertise' | 'reply'
  /** Whether it names this server: it must, must not, or may. */
  readonly server: 'must' | 'never' | 'any'
  /** Of each association: its addresses are given; looked up; said to be right or not; let go; or it has none. */
  readonly does: 'give' | 'check' | 'end' | 'inform'
}

const kinds: Readonly<Record<number, Kind>> = {
  [type.solicit]: { answer: 'advertise', server: 'never', does: 'give' },
  [type.request]: { answer: 'reply', server: 'must', does: 'give' },
  [type.renew]: { answer: 'reply', server: 'must', does: 'give' },
  [type.rebind]: { answer: 'reply', server: 'never', does: 'give' },
  [type.confirm]: { answer: 'reply', server: 'never', does: 'check' },
  [type.release]: { answer: 'reply', server: 'must', does: 'end' },
  [type.decline]: { answer: 'reply', server: 'must', does: 'end' },
  [type.informationRequest]: { answer: 'reply', server: 'any', does: 'inform' },
}

/** What is to be done with a message of a type; undefined: it is none for a server. */
export const kindOf = (messageType: number): Kind | undefined => kinds[messageType]
