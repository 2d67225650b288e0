/** Opens the byte stream to an OVSDB server: unix socket, TCP, or mutual TLS. */
import { connect as connectPlain, type Socket } from 'node:net'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import { failure, type Problem, type Result, success } from '../problem.ts'
import type { OvsdbAddress } from './address.ts'

/** PEM texts. The server must hold a certificate of `ca`, and is shown ours. */
export interface TlsCredentials {
  readonly key: string
  readonly cert: string
  readonly ca: string
}

/**
 * Connects, for at most `timeoutMs`. Resolves when bytes may be sent, which over TLS is only after the server's
 * certificate has been verified. A server is not identified by its name: certificates of Open vSwitch carry none that
 * DNS knows, so being signed by the configured authority is what counts, as it does for Open vSwitch itself.
 */
export function openTransport(
  address: OvsdbAddress,
  tls: TlsCredentials | undefined,
  timeoutMs: number,
): Promise<Result<Socket>> {
  if (address.kind === 'ssl' && tls === undefined) {
    const hint = 'Give --tls-key, --tls-cert and --tls-ca.'
    return Promise.resolve(
      failure({
        what: 'an ssl: address needs a key, a certificate and an authority',
        where: address.text,
        hint,
      }),
    )
  }
  return new Promise((resolve) => {
    const socket = start(address, tls)
    const fail = (problem: Omit<Problem, 'where'>) => {
      clearTimeout(timer)
      socket.destroy()
      resolve(failure({ where: address.text, ...problem }))
    }
    const timer = setTimeout(
      () => fail({ what: 'cannot connect', expected: `an answer within ${timeoutMs} ms` }),
      timeoutMs,
    )
    const onError = (error: Error) => fail({ what: 'cannot connect', received: messageOf(error) })
    const onClose = () => fail({ what: 'cannot connect', received: 'the server closed the connection' })
    socket.once('error', onError)
    socket.once('close', onClose)
    socket.once(address.kind === 'ssl' ? 'secureConnect' : 'connect', () => {
      if (address.kind === 'ssl' && !(socket as TLSSocket).authorized)
        return fail({
          what: 'the server is not who it should be',
          received: String((socket as TLSSocket).authorizationError),
        })
      clearTimeout(timer)
      socket.off('error', onError)
      socket.off('close', onClose)
      resolve(success(socket))
    })
  })
}

function start(address: OvsdbAddress, tls: TlsCredentials | undefined): Socket {
  if (address.kind === 'unix') return connectPlain({ path: address.path })
  const { host, port } = address
  if (address.kind === 'tcp') return connectPlain({ host, port, noDelay: true })
  return connectTls({ host, port, ...tls, rejectUnauthorized: true, checkServerIdentity: () => undefined })
}

const messageOf = (error: Error) => (error as Error & { code?: string }).code ?? error.message
