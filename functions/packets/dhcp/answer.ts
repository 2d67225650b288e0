/** Which answer a DHCP message gets, if any (RFC 2131, 4.3). */
import { addressOption, type Dhcp, dhcpOption, dhcpMessageType as type } from 'openvnet'

export type Answer = 'offer' | 'ack' | 'nak' | { readonly ignore: string }

/** What kind of message it is; undefined where it does not say. */
export const typeOf = (message: Dhcp): number | undefined => message.options.get(dhcpOption.messageType)?.[0]

/** The address that a REQUEST asks for: a new one, or the one that its client has. */
export const wantedBy = (message: Dhcp): number =>
  addressOption(message, dhcpOption.requestedAddress) ?? message.clientAddress

/** Whether a client has chosen another server: what it asks for is not ours to give. */
export function isForAnother(message: Dhcp, server: number): boolean {
  const chosen = addressOption(message, dhcpOption.serverIdentifier)
  return typeOf(message) === type.request && chosen !== null && chosen !== server
}

/** A REQUEST is told apart by what it carries: selecting, rebooting, renewing or rebinding (RFC 2131, 4.3.2). */
function answerRequest(message: Dhcp, lease: number, server: number): Answer {
  const chosen = addressOption(message, dhcpOption.serverIdentifier)
  const wanted = wantedBy(message)
  if (isForAnother(message, server)) return { ignore: 'other-server' }
  if (chosen === null && wanted === 0) return { ignore: 'no-address' }
  return wanted === lease && wanted !== 0 ? 'ack' : 'nak'
}

/** Whoever declines names what and whose (RFC 2131, table 5); it is believed of this server's own offer only. */
function answerDecline(message: Dhcp, lease: number, server: number): Answer {
  if (addressOption(message, dhcpOption.serverIdentifier) !== server) return { ignore: 'other-server' }
  if (addressOption(message, dhcpOption.requestedAddress) !== lease) return { ignore: 'foreign-address' }
  return { ignore: 'declined' }
}

/** The answer to a client whose address in the state is `lease`, by the server at `server`. */
export function answerTo(message: Dhcp, lease: number, server: number): Answer {
  switch (typeOf(message)) {
    case type.discover:
      return 'offer'
    case type.request:
      return answerRequest(message, lease, server)
    case type.inform:
      return message.clientAddress === lease ? 'ack' : { ignore: 'foreign-address' }
    case type.decline:
      return answerDecline(message, lease, server)
    case type.release:
      return { ignore: 'released' }
    default:
      return { ignore: 'not-for-a-server' }
  }
}
