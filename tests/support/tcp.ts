/**
 * Bytes over TCP between namespaces of a lab. As a program, at either end:
 *
 *   bun tests/support/tcp.ts serve ADDRESS           takes one connection, prints how many bytes came, and their hash
 *   bun tests/support/tcp.ts send ADDRESS BYTES      prints the hash of what it sent
 */
import { resolve } from 'node:path'
import type { Place } from './wire.ts'

const port = 5001
const chunkLength = 65_536
const transferTimeoutS = 30

export interface Transfer {
  readonly bytes: number
  readonly ms: number
}

/** Sends so many bytes from one place to another at an address. Throws unless all arrive as they were sent. */
export async function transfer(from: Place, to: Place, address: string, bytes: number): Promise<Transfer> {
  const program = (machine: Place, ...args: string[]) =>
    Bun.spawn(
      [
        ...['timeout', `${transferTimeoutS}`, 'ip', 'netns', 'exec', machine.netns],
        ...[process.execPath, resolve(import.meta.path), ...args],
      ],
      { stdin: 'ignore', stdout: 'pipe', stderr: 'inherit' },
    )
  const server = program(to, 'serve', address)
  const reader = server.stdout.getReader()
  await reader.read()
  const began = performance.now()
  const sent = await program(from, 'send', address, `${bytes}`).stdout.text()
  const { value } = await reader.read()
  const received = new TextDecoder().decode(value)
  const ms = performance.now() - began
  if (received === '' || received !== sent) throw new Error(`sent ${sent}, received ${received || 'nothing'}`)
  return { bytes, ms }
}

function serve(address: string): void {
  const hash = new Bun.CryptoHasher('sha256')
  let count = 0
  Bun.listen({
    hostname: address,
    port,
    socket: {
      data(_, bytes) {
        hash.update(bytes)
        count += bytes.length
      },
      end() {
        console.log(`${count} ${hash.digest('hex')}`)
        process.exit()
      },
    },
  })
  console.log('listening')
}

async function send(address: string, total: number): Promise<void> {
  const hash = new Bun.CryptoHasher('sha256')
  let wake = () => {}
  const socket = await Bun.connect({ hostname: address, port, socket: { data() {}, drain: () => wake() } })
  const bytes = crypto.getRandomValues(new Uint8Array(chunkLength))
  for (let left = total; left > 0; ) {
    const part = bytes.subarray(0, Math.min(left, chunkLength))
    hash.update(part)
    for (let at = 0; at < part.length; ) {
      const written = socket.write(part.subarray(at))
      at += written
      if (at < part.length)
        await new Promise<void>((resume) => {
          wake = resume
        })
    }
    left -= part.length
  }
  socket.end()
  console.log(`${total} ${hash.digest('hex')}`)
}

if (import.meta.main) {
  const [what, address, bytes] = process.argv.slice(2)
  if (what === 'serve') serve(address!)
  else await send(address!, Number(bytes))
}
