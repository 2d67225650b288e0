/** A channel for tests that remembers what it was told, with short times, and closes itself. */
import { eventually } from '../../../tests/support/open-vswitch.ts'
import type { Problem } from '../../problem.ts'
import type { Alarm } from './alarms.ts'
import { type Channel, type ChannelOptions, createChannel } from './channel.ts'
import type { DatapathSession } from './datapath-session.ts'
import type { ChannelLimits } from './limits.ts'

export interface TestChannel {
  readonly channel: Channel
  /** The first address it listens on. */
  readonly at: string
  readonly joined: DatapathSession[]
  readonly left: { session: DatapathSession; problem: Problem }[]
  readonly alarms: Alarm[]
  /** Datapaths that are not admitted. Change it, then `channel.reevaluate()`. */
  readonly unwanted: Set<string>
  /** Waits for the next session beyond those that were there. */
  next(): Promise<DatapathSession>
}

const shortTimes: Partial<ChannelLimits> = { tickMs: 10, lingerMs: 50, requestTimeoutMs: 2_000 }

/** Starts a channel on a free port of the loopback interface, or as told. Give `closeLater` what must be closed. */
export async function startChannel(
  closeLater: (close: () => void) => void,
  options: Partial<ChannelOptions> = {},
): Promise<TestChannel> {
  const joined: DatapathSession[] = []
  const left: { session: DatapathSession; problem: Problem }[] = []
  const alarms: Alarm[] = []
  const unwanted = new Set<string>()
  const channel = createChannel({
    listen: ['tcp:127.0.0.1:0'],
    admit: (dpid) => (unwanted.has(dpid) ? { serve: false, reason: 'unwanted' } : { serve: true }),
    onJoined: (session) => joined.push(session),
    onLeft: (session, problem) => left.push({ session, problem }),
    onAlarm: (alarm) => alarms.push(alarm),
    ...options,
    limits: { ...shortTimes, ...options.limits },
  })
  closeLater(() => channel.close())
  const started = await channel.start()
  if (!started.ok) throw new Error(JSON.stringify(started.problem))
  let taken = 0
  const next = async () => {
    await eventually('a datapath to join', () => joined.length > taken)
    return joined[taken++]!
  }
  return { channel, at: started.value[0] ?? '', joined, left, alarms, unwanted, next }
}
