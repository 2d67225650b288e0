/**
 * IP retention: a lease whose lease_time is over is taken off its interface, one whose grace_time is over is deleted and
 * its address free again.
 */
import { type Draft, metric, type State, schedule } from 'openvnet'
import { deleteLease, deletionTimeOf, releaseLease, releaseTimeOf } from '../../state/retention.ts'

/** Leases are released that much too late at most, on a machine with time for it. */
const everyMs = 1_000
/** Leases of one run, which keeps the host from all else meanwhile; what is left is done by the next ones. */
const leasesMax = 200

/** The leases that a retention has ended, the ids of at most `leasesMax`. */
function dueLeases(state: State, now: number): Set<number> {
  const due = new Set<number>()
  for (const row of state.ipRetentions.all()) {
    const time = releaseTimeOf(state, row) ?? deletionTimeOf(state, row)
    if (time === undefined || time > now) continue
    due.add(row.ip_lease_id)
    if (due.size === leasesMax) break
  }
  return due
}

/** Does what is due with one lease, as the draft has it: others may have been faster. */
function end(draft: Draft, leaseId: number, now: number): 'released' | 'deleted' | undefined {
  const lease = draft.ipLeases.get(leaseId)
  if (lease === undefined) return undefined
  const rows = draft.ipRetentions.many('ipLease', leaseId)
  const isOver = (time: number | undefined) => time !== undefined && time <= now
  if (rows.some((row) => isOver(deletionTimeOf(draft, row)))) {
    deleteLease(draft, lease)
    return 'deleted'
  }
  if (!rows.some((row) => isOver(releaseTimeOf(draft, row)))) return undefined
  releaseLease(draft, lease, now)
  return 'released'
}

export default schedule({
  name: 'retention',
  every_ms: everyMs,
  handle(env) {
    const due = dueLeases(env.state, env.now)
    if (due.size === 0) return
    const draft = env.draft()
    const done = [...due].map((id) => end(draft, id, env.now))
    const count = (what: 'released' | 'deleted') => done.filter((one) => one === what).length
    return [metric('released', count('released')), metric('deleted', count('deleted'))]
  },
})
