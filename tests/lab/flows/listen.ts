/** What arrives at devices, as tcpdump sees it. */
import { eventually } from '../../support/open-vswitch.ts'

/** Long enough for a packet that nobody expects and that is under way on one machine. */
const settleMs = 250
const expectedWithinMs = 10_000

/** A machine, or any device of a namespace. */
export interface Listener {
  readonly name: string
  readonly netns: string
  readonly device?: string
}

/** A line of tcpdump each packet, by listener. */
export type Seen = Record<string, string[]>

async function collect(stream: ReadableStream<Uint8Array>, onLine: (line: string) => void): Promise<void> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const chunk of stream) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) if (line !== '') onLine(line)
  }
}

async function listen({ netns, device = 'eth0' }: Listener, filter: string, lines: string[]) {
  const dump = ['tcpdump', '-i', device, '-Q', 'in', '-n', '-e', '-l', '--immediate-mode', filter]
  const child = Bun.spawn(['ip', 'netns', 'exec', netns, ...dump], { stdout: 'pipe', stderr: 'pipe' })
  const all = collect(child.stdout, (line) => lines.push(line))
  await new Promise<void>((resolve, reject) => {
    collect(child.stderr, (line) => line.includes('listening') && resolve()).then(() =>
      reject(new Error('tcpdump ended')),
    )
  })
  return async () => {
    child.kill('SIGINT')
    await Promise.all([all, child.exited])
  }
}

/**
 * What arrives while `during` runs and shortly after. With `enough`, waits until that is seen: packets that must come
 * may take their time, those that must not come have at least a moment.
 */
export async function received(
  listeners: readonly Listener[],
  filter: string,
  during: () => Promise<unknown>,
  enough: (seen: Seen) => boolean = () => true,
): Promise<Seen> {
  const seen: Seen = Object.fromEntries(listeners.map(({ name }) => [name, []]))
  const stops = await Promise.all(listeners.map((listener) => listen(listener, filter, seen[listener.name]!)))
  try {
    await during()
    // What is missing shows in the comparison that follows, with what is there.
    await eventually('the packets that are expected', () => enough(seen), expectedWithinMs).catch(() => {})
    await Bun.sleep(settleMs)
  } finally {
    await Promise.all(stops.map((stop) => stop()))
  }
  return seen
}
