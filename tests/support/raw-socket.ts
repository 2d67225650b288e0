/**
 * Sends frames as a guest would that does as it likes: straight onto a device, past the kernel's own stack. A program
 * of its own, since a socket belongs to the network namespace that its process runs in.
 *
 *   bun tests/support/raw-socket.ts DEVICE [MILLISECONDS FRAMES-PER-SECOND] < frames
 *
 * Reads frames as lines of hexadecimal digits and sends each once, or all of them over and over for so long at such a
 * rate. Prints how many it has sent.
 */
import { dlopen, FFIType, ptr } from 'bun:ffi'

const AF_PACKET = 17
const SOCK_RAW = 3
/** struct sockaddr_ll, packet(7) */
const sockaddrLlLength = 20
/** Between two bursts, where there is a rate. */
const tickMs = 1

const { symbols: libc } = dlopen('libc.so.6', {
  socket: { args: [FFIType.i32, FFIType.i32, FFIType.i32], returns: FFIType.i32 },
  bind: { args: [FFIType.i32, FFIType.ptr, FFIType.i32], returns: FFIType.i32 },
  send: { args: [FFIType.i32, FFIType.ptr, FFIType.u64, FFIType.i32], returns: FFIType.i64 },
  if_nametoindex: { args: [FFIType.cstring], returns: FFIType.u32 },
})

function openOn(device: string): number {
  const index = libc.if_nametoindex(Buffer.from(`${device}\0`))
  const socket = libc.socket(AF_PACKET, SOCK_RAW, 0)
  const address = Buffer.alloc(sockaddrLlLength)
  address.writeUInt16LE(AF_PACKET, 0)
  address.writeInt32LE(index, 4)
  if (index === 0 || socket < 0 || libc.bind(socket, ptr(address), address.length) !== 0)
    throw new Error(`no raw socket on ${device}`)
  return socket
}

const [device = 'eth0', durationMs, perSecond] = process.argv.slice(2)
const lines = (await Bun.stdin.text()).split('\n').filter((line) => line !== '')
const frames = lines.map((line) => Buffer.from(line, 'hex'))
const socket = openOn(device)

let tried = 0
let sent = 0
function sendUpTo(count: number) {
  for (; tried < count; tried++) {
    const frame = frames[tried % frames.length]!
    if (libc.send(socket, ptr(frame), frame.length, 0) > 0) sent++
  }
}

if (durationMs === undefined) sendUpTo(frames.length)
else {
  const began = performance.now()
  for (let passedMs = 0; passedMs < Number(durationMs); passedMs = performance.now() - began) {
    sendUpTo((passedMs * Number(perSecond)) / 1_000)
    await Bun.sleep(tickMs)
  }
}
console.log(sent)
