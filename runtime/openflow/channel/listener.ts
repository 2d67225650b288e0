/** Listens for switches that dial in. */
import { chmodSync } from 'node:fs'
import { listenProblem, nameProblem } from '../../listen-problem.ts'
import { failure, type Result, success } from '../../problem.ts'
import { type Address, formatAddress } from './address.ts'
import type { Entrant, Lobby } from './lobby.ts'
import type { TlsMaterial } from './tls.ts'
import { freeUnixPath } from './unix-path.ts'

export interface Listener {
  /** With the port that the system chose where 0 was asked for. */
  readonly address: Address
  /** Connections that are accepted from now on get this; the others stay. Throws where it cannot listen any more: try again. */
  renew(tls: TlsMaterial): void
  stop(): void
}

/** Who may connect to our unix sockets: our own user, as Open vSwitch has it for its sockets. */
const unixSocketMode = 0o600

/** Begins to listen. Fails where the address is in use or not ours, or TLS is asked for and not set up. */
export async function listen(
  address: Address,
  lobby: Lobby,
  tls: TlsMaterial | null,
): Promise<Result<Listener>> {
  const where = formatAddress(address)
  if (address.transport === 'ssl' && tls === null)
    return failure({ what: 'TLS is not set up', where, hint: tlsHint })
  if (address.transport === 'unix') {
    const free = await freeUnixPath(address.path)
    if (!free.ok) return free
  } else {
    const unnamed = await nameProblem(address.host, '--openflow', where)
    if (unnamed !== undefined) return failure(unnamed)
  }
  try {
    return success(open(address, lobby, tls))
  } catch (error) {
    return failure(listenProblem(error, '--openflow', where))
  }
}

export const tlsHint = 'Name the key, the certificate and the authority: --tls-key, --tls-cert, --tls-ca'

function open(address: Address, lobby: Lobby, tls: TlsMaterial | null): Listener {
  const { transport } = address
  const socket = lobby.handler({ direction: 'accepted', transport, address: formatAddress(address) })
  if (transport === 'unix') {
    const server = Bun.listen<Entrant | undefined>({ unix: address.path, socket, data: undefined })
    chmodSync(address.path, unixSocketMode)
    return { address, renew() {}, stop: () => server.stop() }
  }
  const listenAt = (port: number, material: TlsMaterial | null) => {
    const options = { hostname: address.host, port, exclusive: true, socket, data: undefined }
    const secured = { ...options, tls: { ...material, requestCert: true, rejectUnauthorized: true } }
    return Bun.listen<Entrant | undefined>(transport === 'ssl' ? secured : options)
  }
  let server = listenAt(address.port, tls)
  const { port } = server
  return {
    address: { transport, host: address.host, port },
    renew(material) {
      if (transport !== 'ssl') return
      server.stop()
      server = listenAt(port, material)
    },
    stop: () => server.stop(),
  }
}
