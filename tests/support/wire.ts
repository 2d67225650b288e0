/** Frames put onto devices, and frames that arrive there, as bytes: what a guest can really do, and what it really gets. */
import { join } from 'node:path'

const rawSocket = join(import.meta.dir, 'raw-socket.ts')
/** Long enough for a packet that is under way on one machine. */
const settleMs = 300
const pcapHeaderLength = 24
const pcapRecordHeaderLength = 16

/** A device in a namespace; a machine is one. */
export interface Place {
  readonly name: string
  readonly netns: string
  /** Default: eth0. */
  readonly device?: string
}

export interface Flood {
  readonly forMs: number
  readonly perSecond: number
}

/** Sends each frame (hexadecimal text) once from a device, or over and over as a flood. Resolves to how many were sent. */
export async function sendFrames(from: Place, frames: readonly string[], flood?: Flood): Promise<number> {
  const over = flood === undefined ? [] : [`${flood.forMs}`, `${flood.perSecond}`]
  const program = [process.execPath, rawSocket, from.device ?? 'eth0', ...over]
  const child = Bun.spawn(['ip', 'netns', 'exec', from.netns, ...program], {
    stdin: new Blob([frames.join('\n')]),
    stdout: 'pipe',
    stderr: 'pipe',
  })
  const [output, errors, code] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited])
  if (code !== 0) throw new Error(`${from.name}: frames not sent: ${errors}`)
  return Number(output)
}

/** The frames of a capture file in pcap format (little-endian, as tcpdump writes it here). */
function framesOf(file: Buffer): string[] {
  const frames: string[] = []
  for (let at = pcapHeaderLength; at + pcapRecordHeaderLength <= file.length; ) {
    const length = file.readUInt32LE(at + 8)
    at += pcapRecordHeaderLength
    frames.push(file.toString('hex', at, at + length))
    at += length
  }
  return frames
}

async function listen({ netns, device = 'eth0' }: Place, filter: string) {
  const dump = ['tcpdump', '-i', device, '-Q', 'in', '-s', '0', '-U', '--immediate-mode', '-w', '-', filter]
  const child = Bun.spawn(['ip', 'netns', 'exec', netns, ...dump], { stdout: 'pipe', stderr: 'pipe' })
  const output = child.stdout.bytes()
  // The whole of it is read: a pipe that is closed would end tcpdump when it says good-bye.
  await new Promise<void>((resolve, reject) => {
    void (async () => {
      let text = ''
      for await (const chunk of child.stderr) {
        text += new TextDecoder().decode(chunk)
        if (text.includes('listening')) resolve()
      }
      reject(new Error(`tcpdump: ${text}`))
    })()
  })
  return async () => {
    child.kill('SIGINT')
    await child.exited
    return framesOf(Buffer.from(await output))
  }
}

/** The frames that arrive at each place while `during` runs, by the place's name. */
export async function arriving<T extends string = string>(
  places: readonly (Place & { name: T })[],
  filter: string,
  during: () => Promise<unknown>,
): Promise<Record<T, string[]>> {
  const stops = await Promise.all(places.map((place) => listen(place, filter)))
  const stopAll = () => Promise.all(stops.map((stop) => stop()))
  try {
    await during()
    await Bun.sleep(settleMs)
  } catch (error) {
    await stopAll()
    throw error
  }
  const frames = await stopAll()
  return Object.fromEntries(places.map(({ name }, i) => [name, frames[i]!])) as Record<T, string[]>
}
