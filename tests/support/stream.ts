/** A stream of pings: how many were lost while something happened. */
import type { Place } from './wire.ts'

const interval_s = 0.002
const drain_ms = 300

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
    ['ip', 'netns', 'exec', from.netns, 'ping', '-n', '-q', '-i', `${interval_s}`, address],
    { stdin: 'ignore', stdout: 'pipe', stderr: 'ignore' },
  )
  try {
    await Bun.sleep(drain_ms)
    await happen()
    await Bun.sleep(drain_ms)
  } finally {
    child.kill('SIGINT')
  }
  const summary = /(\d+) packets transmitted, (\d+) received/.exec(await child.stdout.text())
  if (summary === null) throw new Error(`${from.name}: ping said nothing`)
  const [sent, received] = [Number(summary[1]), Number(summary[2])]
  // The last one may still be under way when ping is interrupted.
  return { sent, lost: Math.max(0, sent - received - 1) }
}
