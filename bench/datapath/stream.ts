/**
 * A stream of bytes over TCP, as fast as it goes. At either end:
 *   bun bench/datapath/stream.ts serve ADDRESS         prints how many bytes came in how many ms, and ends
 *   bun bench/datapath/stream.ts send ADDRESS BYTES
 */
const port = 5_002
const chunkBytes = 262_144

function serve(hostname: string): void {
  let bytes = 0
  let began = 0
  Bun.listen({
    hostname,
    port,
    socket: {
      open() {
        began = performance.now()
      },
      data(_, chunk) {
        bytes += chunk.length
      },
      end() {
        console.log(`${bytes} ${performance.now() - began}`)
        process.exit()
      },
    },
  })
  console.log('listening')
}

async function send(hostname: string, total: number): Promise<void> {
  let wake = () => {}
  const socket = await Bun.connect({ hostname, port, socket: { data() {}, drain: () => wake() } })
  const chunk = new Uint8Array(chunkBytes)
  for (let left = total; left > 0; ) {
    const written = socket.write(chunk.subarray(0, Math.min(left, chunkBytes)))
    left -= written
    if (written < chunkBytes && left > 0)
      await new Promise<void>((resume) => {
        wake = resume
      })
  }
  socket.end()
}

const [what, address = '', bytes] = process.argv.slice(2)
if (what === 'serve') serve(address)
else void send(address, Number(bytes))
