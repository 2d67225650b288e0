import { formatIpv4 } from '../packet/address.ts'
import type { HostEffect } from './host-effect.ts'
import { taskLimits } from './limits.ts'

export type Exchange = HostEffect & { readonly type: 'exchange' }

/** An address as sockets take it. */
export const hostOf = (address: number | string) =>
  typeof address === 'number' ? formatIpv4(address) : address

const begins = (bytes: Uint8Array, expect: Uint8Array) =>
  bytes.length >= expect.length && expect.every((byte, at) => bytes[at] === byte)

/**
 * Sends a datagram from a new socket, whose port the system chooses at random, and hands over the first answer from
 * where it was sent to, or null: when the time is over, or as soon as it is clear that none will come. What is returned
 * ends it without a word.
 */
export function exchangeUdp(
  request: Omit<Exchange, 'join'>,
  done: (answer: Uint8Array | null) => void,
): () => void {
  let socket: Bun.udp.ConnectedSocket<'buffer'> | undefined
  let isOver = false
  const end = () => {
    isOver = true
    clearTimeout(timer)
    socket?.close()
  }
  const finish = (answer: Uint8Array | null) => {
    if (isOver) return
    end()
    done(answer)
  }
  const timer = setTimeout(finish, request.timeoutMs, null)
  const opened = (open: Bun.udp.ConnectedSocket<'buffer'>) => {
    socket = open
    if (isOver) return open.close()
    // What is thrown here would be nobody's, and end the host.
    try {
      open.send(request.message)
    } catch {
      finish(null)
    }
  }
  // Asynchronous, so that whatever it throws is a rejection.
  const openSocket = async () =>
    Bun.udpSocket({
      // Where nothing is said, sockets are IPv4's alone.
      hostname: typeof request.address === 'number' ? '0.0.0.0' : '::',
      connect: { hostname: hostOf(request.address), port: request.port },
      socket: {
        data(_, bytes) {
          if (bytes.length <= taskLimits.answerBytesMax && begins(bytes, request.expect))
            finish(Uint8Array.from(bytes))
        },
        // The port is closed there, or nothing leads there.
        error: () => finish(null),
      },
    })
  openSocket().then(opened, () => finish(null))
  return end
}
