/**
 * Conversations between machines of a lab, in which each end is told whom it speaks to. As a program:
 *
 *   bun tests/support/echo.ts serve NAME tcp|udp ADDRESS PORT    tells each client `NAME SOURCE:PORT`, and says again what it says
 *   bun tests/support/echo.ts ask tcp|udp ADDRESS PORT BYTES MS  prints what it is told, after so many bytes there and back
 *   bun tests/support/echo.ts hold tcp ADDRESS PORT              prints what it is told; then a line for each line of its input
 *   bun tests/support/echo.ts hold udp ADDRESS PORT              prints what it is told, once more for each line of its input
 */
import { createSocket } from 'node:dgram'
import { connect, createServer, type Socket } from 'node:net'
import { resolve } from 'node:path'
import type { Place } from './wire.ts'

export type Transport = 'tcp' | 'udp'
/** How long to wait for what should come, and for what should not. */
const answerTimeoutMs = 8_000
const silenceTimeoutMs = 1_000

interface Reader {
  read(): Promise<{ readonly done: boolean; readonly value?: Uint8Array | undefined }>
}

/** The one line that a program prints next. */
async function lineOf(reader: Reader): Promise<string> {
  let text = ''
  while (!text.endsWith('\n')) {
    const { done, value } = await reader.read()
    if (done || value === undefined) break
    text += new TextDecoder().decode(value)
  }
  return text.trim()
}

const programIn = (place: Place, ...args: string[]) =>
  Bun.spawn(['ip', 'netns', 'exec', place.netns, process.execPath, resolve(import.meta.path), ...args], {
    stdin: 'pipe',
    stdout: 'pipe',
    stderr: 'inherit',
  })

/** Who speaks to this place is told so. Ends what listens when it is disposed of. */
export async function echoAt(place: Place, transport: Transport, port: number, address = '0.0.0.0') {
  const program = programIn(place, 'serve', place.name, transport, address, `${port}`)
  await lineOf(program.stdout.getReader())
  const stop = async () => {
    program.kill('SIGKILL')
    await program.exited
  }
  return { stop, [Symbol.asyncDispose]: stop }
}

/** `NAME SOURCE:PORT` as the other end sees it, or null when nothing comes back in a second. Throws when something else does. */
export async function ask(
  from: Place,
  transport: Transport,
  address: string,
  port: number,
  bytes = 32,
  timeoutMs = silenceTimeoutMs,
): Promise<string | null> {
  const program = programIn(from, 'ask', transport, address, `${port}`, `${bytes}`, `${timeoutMs}`)
  const told = (await program.stdout.text()).trim()
  return told === '' ? null : told
}

/** The name and the address alone, asked with patience. */
export const asked = async (
  from: Place,
  transport: Transport,
  address: string,
  port: number,
  bytes?: number,
) => (await ask(from, transport, address, port, bytes, answerTimeoutMs))?.replace(/:\d+$/, '') ?? null

/** A TCP connection that stays open, or datagrams from one port. */
export async function hold(from: Place, address: string, port: number, transport: Transport = 'tcp') {
  const program = programIn(from, 'hold', transport, address, `${port}`)
  const reader = program.stdout.getReader()
  const told = await lineOf(reader)
  const stop = async () => {
    program.kill('SIGKILL')
    await program.exited
  }
  /** What comes back for a line, if something does in time. */
  async function said(timeoutMs = answerTimeoutMs): Promise<string | undefined> {
    program.stdin.write('line\n')
    await program.stdin.flush()
    return (await Promise.race([lineOf(reader), Bun.sleep(timeoutMs)])) ?? undefined
  }
  return {
    told,
    /** Of datagrams: what the other end tells now. */
    said,
    /** Whether a line comes back. */
    answers: async (timeoutMs?: number): Promise<boolean> => (await said(timeoutMs)) === 'line',
    stop,
    [Symbol.asyncDispose]: stop,
  }
}

function serve(name: string, transport: string, address: string, port: number): void {
  const ready = () => console.log('listening')
  if (transport === 'udp') {
    const socket = createSocket('udp4')
    socket.on('message', (bytes, { address: from, port: fromPort }) => {
      const told = Buffer.from(`${name} ${from}:${fromPort}\n`)
      socket.send(Buffer.concat([told, bytes]), fromPort, from)
    })
    socket.bind(port, address, ready)
    return
  }
  createServer((socket) => {
    socket.on('error', () => {})
    socket.write(`${name} ${socket.remoteAddress}:${socket.remotePort}\n`)
    socket.pipe(socket)
  }).listen(port, address, ready)
}

/** What comes back must be the line, and the bytes that were sent. */
function finish(sent: Buffer, received: Buffer): void {
  const end = received.indexOf('\n')
  if (end < 0 || received.length - end - 1 < sent.length) return
  if (!received.subarray(end + 1).equals(sent)) throw new Error('other bytes came back than were sent')
  console.log(received.subarray(0, end).toString())
  process.exit()
}

function askOnce(transport: string, address: string, port: number, length: number, timeoutMs: number): void {
  const sent = Buffer.from(crypto.getRandomValues(new Uint8Array(length)))
  setTimeout(() => process.exit(), timeoutMs)
  if (transport === 'udp') {
    const socket = createSocket('udp4')
    socket.on('message', (bytes) => finish(sent, bytes))
    socket.on('error', () => process.exit())
    socket.connect(port, address, () => {
      // The first packet into a tunnel may be lost.
      for (const delayMs of [0, 300, 600, 2_000]) setTimeout(() => socket.send(sent), delayMs)
    })
    return
  }
  let received = Buffer.alloc(0)
  const socket = connect(port, address, () => void socket.write(sent))
  socket.on('data', (bytes: Buffer) => {
    received = Buffer.concat([received, bytes])
    finish(sent, received)
  })
  socket.on('error', () => process.exit())
}

function holdPort(address: string, port: number): void {
  const socket = createSocket('udp4')
  let waiting = false
  const say = () => {
    waiting = true
    for (const delayMs of [0, 300, 600, 2_000])
      setTimeout(() => waiting && socket.send('line', port, address), delayMs)
  }
  socket.on('message', (bytes) => {
    if (waiting) console.log(bytes.toString().split('\n')[0])
    waiting = false
  })
  socket.on('error', () => process.exit())
  socket.bind(say)
  process.stdin.on('data', say)
}

function holdOpen(address: string, port: number): void {
  const giveUp = setTimeout(() => process.exit(), answerTimeoutMs)
  const socket: Socket = connect(port, address, () => clearTimeout(giveUp))
  socket.on('error', () => process.exit())
  socket.pipe(process.stdout)
  process.stdin.pipe(socket)
}

if (import.meta.main) {
  const [what, ...args] = process.argv.slice(2)
  if (what === 'serve') serve(args[0]!, args[1]!, args[2]!, Number(args[3]))
  else if (what === 'ask') askOnce(args[0]!, args[1]!, Number(args[2]), Number(args[3]), Number(args[4]))
  else if (args[0] === 'udp') holdPort(args[1]!, Number(args[2]))
  else holdOpen(args[1]!, Number(args[2]))
}
