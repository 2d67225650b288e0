import { formatIpv4 } from '../packet/address.ts'
import { taskLimits } from './limits.ts'
import type { Exchange } from './udp-exchange.ts'

const lengthBytes = 2

/**
 * Sends a message over a connection of its own, and hands over the answer, or null; each has its length before it, in
 * two bytes, as protocols have it that are at home in datagrams (RFC 1035, 4.2.2). Otherwise as `exchangeUdp`.
 */
export function exchangeTcp(request: Exchange, done: (answer: Uint8Array | null) => void): () => void {
  let socket: Bun.Socket | undefined
  let isOver = false
  let received = Buffer.alloc(0)
  const end = () => {
    isOver = true
    clearTimeout(timer)
    socket?.terminate()
  }
  const finish = (answer: Uint8Array | null) => {
    if (isOver) return
    end()
    done(answer)
  }
  const timer = setTimeout(finish, request.timeoutMs, null)
  const message = Buffer.alloc(lengthBytes + request.message.length)
  message.writeUInt16BE(request.message.length)
  message.set(request.message, lengthBytes)
  Bun.connect({
    hostname: formatIpv4(request.address),
    port: request.port,
    socket: {
      open(opened) {
        socket = opened
        // A message is far smaller than what a new connection takes at once.
        if (isOver) opened.terminate()
        else if (opened.write(message) < message.length) finish(null)
      },
      data(_, bytes) {
        received = Buffer.concat([received, bytes])
        const length = received.length < lengthBytes ? 0 : received.readUInt16BE()
        if (length > taskLimits.answerBytesMax) finish(null)
        else if (length > 0 && received.length >= lengthBytes + length)
          finish(expected(received.subarray(lengthBytes, lengthBytes + length), request.expect))
      },
      close: () => finish(null),
      error: () => finish(null),
      connectError: () => finish(null),
    },
  }).catch(() => finish(null))
  return end
}

const expected = (bytes: Buffer, expect: Uint8Array) =>
  expect.every((byte, at) => bytes[at] === byte) ? Uint8Array.from(bytes) : null
