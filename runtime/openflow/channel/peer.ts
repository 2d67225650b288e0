/** Who is at the other end of a connection, as far as the connection itself can tell. */

export interface Peer {
  /** Whether we called the switch, or it us. */
  readonly direction: 'dialled' | 'accepted'
  readonly transport: 'tcp' | 'ssl' | 'unix'
  /** The dialled address, or where the switch called from; of an accepted unix connection the path that we listen on. */
  readonly address: string
  /** The IP address of the other end; null on a unix socket. */
  readonly remoteIp: string | null
  /** On this machine: a unix socket, the loopback interface, or an address of our own. */
  readonly local: boolean
  /** The common name in its verified certificate; null where there is none. */
  readonly certificateName: string | null
}

const loopback = /^(127\.|::1$|::ffff:127\.)/

/** A connection between two addresses that are the same never left the machine; the kernel drops what only pretends so. */
export const isLocal = (localIp: string, remoteIp: string) => remoteIp === localIp || loopback.test(remoteIp)

/**
 * Who the peer is, to tell two connections for one datapath id apart: the name in its certificate, this machine, or the IP
 * address that it calls from. `proven` is false for the last, which anybody who can route to us may claim.
 */
export function identityOf(peer: Peer): { readonly name: string; readonly proven: boolean } {
  if (peer.certificateName !== null) return { name: `certificate ${peer.certificateName}`, proven: true }
  if (peer.local) return { name: 'this machine', proven: true }
  return { name: `address ${peer.remoteIp}`, proven: false }
}
