/** What Bun's sockets allow at most: answers a PACKET_IN with a constant PACKET_OUT, decodes nothing. Prints its port. */
const hello = Uint8Array.from([4, 0, 0, 16, 0, 0, 0, 1, 0, 1, 0, 8, 0, 0, 0, 0x10])
const featuresRequest = Uint8Array.from([4, 5, 0, 8, 0, 0, 0, 2])
const packetOut = new Uint8Array(40)
packetOut.set([4, 13, 0, 40, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xfd, 0, 16])
packetOut.set([0, 0, 0, 16, 0, 0, 0, 1], 24)
/** A PACKET_IN of no match field but in_port. */
const frameOffset = 42
const pauseBytes = 4 << 20

interface Connection {
  rest: Buffer
  out: Buffer
  length: number
  sent: number
}

function room(connection: Connection, bytes: number) {
  if (connection.length + bytes <= connection.out.length) return
  const grown = Buffer.allocUnsafe(Math.max(connection.out.length * 2, connection.length + bytes))
  connection.out.copy(grown, 0, connection.sent, connection.length)
  connection.length -= connection.sent
  connection.sent = 0
  connection.out = grown
}

function flush(socket: Bun.Socket<Connection>) {
  const connection = socket.data
  if (connection.length > connection.sent)
    connection.sent += Math.max(
      socket.write(connection.out, connection.sent, connection.length - connection.sent),
      0,
    )
  if (connection.sent === connection.length) connection.sent = connection.length = 0
  if (connection.length - connection.sent > pauseBytes) socket.pause()
  else socket.resume()
}

/** Answers the message at bytes[at, at + length). */
function answer(socket: Bun.Socket<Connection>, bytes: Buffer, at: number, length: number) {
  const connection = socket.data
  const type = bytes[at + 1]
  if (type === 0) socket.write(featuresRequest)
  else if (type === 2) socket.write(Uint8Array.from([4, 3, 0, 8, ...bytes.subarray(at + 4, at + 8)]))
  else if (type === 10) {
    const kept = bytes[at + 8] !== 0xff
    const total = 40 + (kept ? 0 : length - frameOffset)
    room(connection, total)
    const { out, length: to } = connection
    out.set(packetOut, to)
    out[to + 2] = total >> 8
    out[to + 3] = total & 0xff
    bytes.copy(out, to + 8, at + 8, at + 12)
    if (!kept) bytes.copy(out, to + 40, at + frameOffset, at + length)
    connection.length = to + total
  }
}

const server = Bun.listen<Connection>({
  hostname: '127.0.0.1',
  port: 0,
  socket: {
    open(socket) {
      socket.data = { rest: Buffer.alloc(0), out: Buffer.allocUnsafe(1 << 20), length: 0, sent: 0 }
      socket.write(hello)
    },
    data(socket, chunk) {
      const { rest } = socket.data
      const bytes = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk
      let at = 0
      while (bytes.length - at >= 8) {
        const length = (bytes[at + 2]! << 8) | bytes[at + 3]!
        if (bytes.length - at < length) break
        answer(socket, bytes, at, length)
        at += length
      }
      socket.data.rest = bytes.subarray(at)
      flush(socket)
    },
    drain: flush,
  },
})
console.log(server.port)
