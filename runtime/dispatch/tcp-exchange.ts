import { connect } from 'node:net'
import { taskLimits } from './limits.ts'
import { type Exchange, hostOf } from './udp-exchange.ts'

const lengthBytes = 2

/**
 * Sends a message over a connection of its own, and hands over the answer, or null; each has its length before it, in
 * two bytes, as protocols have it that are at home in datagrams (RFC 1035, 4.2.2). Otherwise as `exchangeUdp`.
 */
export function exchangeTcp(
  request: Omit<Exchange, 'join'>,
  done: (answer: Uint8Array | null) => void,
): () => void {
  // Unlike Bun.connect, it can be ended while it connects: to who is silent that takes the system two minutes.
  const socket = connect({ host: hostOf(request.address), port: request.port })
  let isOver = false
  let received = Buffer.alloc(0)
  const end = () => {
    isOver = true
    clearTimeout(timer)
    socket.destroy()
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
  socket.on('data', (bytes: Buffer) => {
    if (isOver) return
    received = Buffer.concat([received, bytes])
    if (received.length < lengthBytes) return
    const length = received.readUInt16BE()
    // Whoever says so would otherwise be listened to, and kept in memory, for as long as it goes on.
    if (length === 0 || length > taskLimits.answerBytesMax) finish(null)
    else if (received.length >= lengthBytes + length)
      finish(expected(received.subarray(lengthBytes, lengthBytes + length), request.expect))
  })
  socket.on('close', () => finish(null))
  socket.on('error', () => finish(null))
  socket.write(message)
  return end
}

const expected = (bytes: Buffer, expect: Uint8Array) =>
  expect.every((byte, at) => bytes[at] === byte) ? Uint8Array.from(bytes) : null
