/** Opens the byte stream to an OVSDB server: unix socket, TCP, or mutual TLS. */
import { connect as connectPlain, type Socket } from 'node:net'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import { readTls, type TlsFiles, type TlsMaterial } from '../openflow/channel/tls.ts'
import { failure, type Result, success } from '../problem.ts'
import type { OvsdbAddress } from './address.ts'

/**
 * Connects, for at most `timeoutMs` or until the signal. Resolves when bytes may be sent, which over TLS is only after
 * the server's certificate has been verified. A server is not identified by its name: certificates of Open vSwitch carry
 * none that DNS knows, so being signed by the configured authority is what counts, as it does for Open vSwitch itself.
 */
export async function openTransport(
  address: OvsdbAddress,
  tls: TlsFiles | undefined,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<Result<Socket>> {
  const where = address.text
  if (address.kind === 'ssl' && tls === undefined) return failure({ where, ...noCredentials })
  // Read for each connection, so that certificates can be renewed without a restart.
  const material = address.kind === 'ssl' ? await readTls(tls!) : success(undefined)
  if (!material.ok) return material
  if (signal.aborted) return failure({ what: 'closed', where })
  const socket = start(address, material.value)
  // Whoever takes over has a listener of its own; an error that nobody listens for would end the process.
  socket.on('error', () => {})
  const obstacle = await ready(
    socket,
    address.kind === 'ssl' ? 'secureConnect' : 'connect',
    timeoutMs,
    signal,
  )
  if (obstacle !== null) {
    socket.destroy()
    return failure({ what: 'cannot connect', where, received: obstacle })
  }
  if (address.kind === 'ssl' && !(socket as TLSSocket).authorized) {
    socket.destroy()
    const received = String((socket as TLSSocket).authorizationError)
    return failure({ what: 'the server is not who it should be', where, received })
  }
  return success(socket)
}

const noCredentials = {
  what: 'an ssl: address needs a key, a certificate and an authority',
  hint: 'Give --tls-key, --tls-cert and --tls-ca.',
}

/** Waits for the event; resolves to what came instead, or null. */
async function ready(
  socket: Socket,
  event: string,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<string | null> {
  let giveUp = () => {}
  let timer: Timer | undefined
  const outcome = await new Promise<string | null>((resolve) => {
    giveUp = () => resolve('the connection is not wanted any more')
    timer = setTimeout(() => resolve(`no answer within ${timeoutMs} ms`), timeoutMs)
    signal.addEventListener('abort', giveUp, { once: true })
    socket.once(event, () => resolve(null))
    socket.once('error', (error) => resolve((error as Error & { code?: string }).code ?? error.message))
    socket.once('close', () => resolve('the server closed the connection'))
  })
  clearTimeout(timer)
  signal.removeEventListener('abort', giveUp)
  return outcome
}

function start(address: OvsdbAddress, tls: TlsMaterial | undefined): Socket {
  if (address.kind === 'unix') return connectPlain({ path: address.path })
  const { host, port } = address
  if (address.kind === 'tcp') return connectPlain({ host, port, noDelay: true })
  return connectTls({ host, port, ...tls, rejectUnauthorized: true, checkServerIdentity: () => undefined })
}
