/** A stream of pings: how many were lost while something happened. */
import type { Place } from './wire.ts'

const intervalS = 0.002
const drainMs = 300
/** Pings sent last, which are not counted: 50 ms of them at least, longer than an answer takes on a busy machine. */
const underWayMax = 25

export interface Loss {
  readonly sent: number
  readonly lost: number
}

/** Pings every 2 ms while `happen` runs, and a little before and after. */
export async function lossDuring(
  from: Place,
  address: string,
  happen: () => Promise<unknown>,
): Promise<Loss> {
  const child = Bun.spawn(
    ['ip', 'netns', 'exec', from.netns, 'ping', '-n', '-D', '-i', `${intervalS}`, address],
    {
      stdin: 'ignore',
      stdout: 'pipe',
      stderr: 'ignore',
    },
  )
  const output = child.stdout.text()
  try {
    await Bun.sleep(drainMs)
    await happen()
    await Bun.sleep(drainMs)
  } finally {
    child.kill('SIGINT')
  }
  const text = await output
  const transmitted = /(\d+) packets transmitted/.exec(text)
  if (transmitted === null) throw new Error(`${from.name}: ping said nothing`)
  const answered = new Set([...text.matchAll(/icmp_seq=(\d+) ttl=/g)].map(([, seq]) => Number(seq)))
  // The last ones may still be under way when ping is interrupted.
  const sent = Math.max(0, Number(transmitted[1]) - underWayMax)
  let lost = 0
  for (let seq = 1; seq <= sent; seq++) if (!answered.has(seq)) lost++
  return { sent, lost }
}

export interface Stream {
  readonly from: Place
  readonly to: string
}

export interface Answers {
  /** The longest time between two, in ms. */
  readonly gapMs: number
  readonly duplicates: number
}

/** Several streams of pings while `happen` runs. */
export async function pingsDuring(
  streams: readonly Stream[],
  intervalMs: number,
  happen: () => Promise<unknown>,
): Promise<Answers[]> {
  const children = streams.map(({ from, to }) =>
    Bun.spawn(['ip', 'netns', 'exec', from.netns, 'ping', '-n', '-D', '-i', `${intervalMs / 1_000}`, to], {
      stdin: 'ignore',
      stdout: 'pipe',
      stderr: 'ignore',
    }),
  )
  const outputs = children.map((child) => child.stdout.text())
  try {
    await Bun.sleep(drainMs)
    await happen()
    await Bun.sleep(drainMs)
  } finally {
    for (const child of children) child.kill('SIGINT')
  }
  return (await Promise.all(outputs)).map((text) => {
    const timesS = [...text.matchAll(/^\[([\d.]+)\] .*icmp_seq=\d+ ttl=/gm)].map(([, time]) => Number(time))
    const gapsS = timesS.map((time, at) => time - (timesS[at - 1] ?? time))
    return {
      gapMs: Math.round(1_000 * Math.max(0, ...gapsS)),
      duplicates: [...text.matchAll(/DUP!/g)].length,
    }
  })
}
