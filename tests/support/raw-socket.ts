/**
 * Sends frames as a guest would that does as it likes: straight onto a device, past the kernel's own stack. A program
 * of its own, since a socket belongs to the network namespace that its process runs in.
 *
 *   bun tests/support/raw-socket.ts DEVICE [MILLISECONDS] < frames
 *
 * Reads frames as lines of hexadecimal digits and sends each once, or all of them over and over for so long, as fast as
 * it can. Prints how many it has sent.
 */
import { dlopen, FFIType, ptr } from 'bun:ffi'

const AF_PACKET = 17
const SOCK_RAW = 3
/** struct sockaddr_ll, packet(7) */
const sockaddr_ll_length = 20
/** Frames between two looks at the clock. */
const burst = 64

const { symbols: libc } = dlopen('libc.so.6', {
  socket: { args: [FFIType.i32, FFIType.i32, FFIType.i32], returns: FFIType.i32 },
  bind: { args: [FFIType.i32, FFIType.ptr, FFIType.i32], returns: FFIType.i32 },
  send: { args: [FFIType.i32, FFIType.ptr, FFIType.u64, FFIType.i32], returns: FFIType.i64 },
  if_nametoindex: { args: [FFIType.cstring], returns: FFIType.u32 },
})

function openOn(device: string): number {
  const index = libc.if_nametoindex(Buffer.from(`${device}\0`))
  const socket = libc.socket(AF_PACKET, SOCK_RAW, 0)
  const address = Buffer.alloc(sockaddr_ll_length)
  address.writeUInt16LE(AF_PACKET, 0)
  address.writeInt32LE(index, 4)
  if (index === 0 || socket < 0 || libc.bind(socket, ptr(address), address.length) !== 0)
    throw new Error(`no raw socket on ${device}`)
  return socket
}

const [device = 'eth0', durationMs] = process.argv.slice(2)
const lines = (await Bun.stdin.text()).split('\n').filter((line) => line !== '')
const frames = lines.map((line) => Buffer.from(line, 'hex'))
const socket = openOn(device)
const sendAt = (at: number) => {
  const frame = frames[at % frames.length]!
  return libc.send(socket, ptr(frame), frame.length, 0) > 0 ? 1 : 0
}

let sent = 0
if (durationMs === undefined) for (let at = 0; at < frames.length; at++) sent += sendAt(at)
else {
  const end = performance.now() + Number(durationMs)
  for (let at = 0; performance.now() < end; )
    for (const stop = at + burst; at < stop; at++) sent += sendAt(at)
}
console.log(sent)
