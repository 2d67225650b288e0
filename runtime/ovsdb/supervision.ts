/**
 * Whether an adopted bridge has *carried out* what its row says, and when its flow table was thrown away underneath us.
 *
 * ovs-vswitchd copies `next_cfg` to `cur_cfg` when it has carried out a configuration. With no controller row, which is how
 * local switches are served, a change of `fail_mode` in either direction flushes the flow table; so do the first controller
 * row that comes and the last that goes (seen with Open vSwitch 3.1).
 */
import type { Row } from './schema.ts'

export interface Configuration {
  readonly next_cfg: number
  readonly cur_cfg: number
}

export interface Supervision {
  /** `pending`: the row says secure, ovs-vswitchd has not confirmed it yet. */
  readonly secure: 'no' | 'pending' | 'yes'
  /** Why the flows must be read again, once `cur_cfg` has come to `awaits`. */
  readonly flushed: string | null
  /** The `next_cfg` that what we wait for came with. */
  readonly awaits: number
  readonly controllers: number
  readonly next_cfg: number
}

export interface Supervised {
  readonly supervision: Supervision
  /** The switch's flows were flushed for this reason, and it is secure again: now is the time to send them anew. */
  readonly resync: string | null
  /** Nobody has asked ovs-vswitchd for a confirmation of what changed, so we must. */
  readonly ask: boolean
}

/** One step: what was known, and the rows as they are now. */
export function supervise(before: Supervision | null, row: Row<'Bridge'>, now: Configuration): Supervised {
  const controllers = row.controller.length
  const secureRow = row.fail_mode === 'secure'
  let { secure, flushed, awaits } = before ?? { secure: 'no' as const, flushed: null, awaits: 0 }
  let changed = false

  if (!secureRow) {
    if (secure === 'yes') flushed = 'fail_mode changed'
    secure = 'no'
  } else if (secure === 'no') {
    secure = 'pending'
    changed = true
  }
  if (before !== null && (before.controllers === 0) !== (controllers === 0)) {
    flushed = controllers === 0 ? 'the last controller row went' : 'a first controller row came'
    changed = true
  }
  // A change that came without a new next_cfg (ovs-vsctl --no-wait) is confirmed by one that we ask for.
  if (changed) awaits = before !== null && now.next_cfg === before.next_cfg ? now.next_cfg + 1 : now.next_cfg

  const confirmed = now.cur_cfg >= awaits
  if (confirmed && secure === 'pending') secure = 'yes'
  const resync = confirmed && secure === 'yes' ? flushed : null
  if (resync !== null) flushed = null
  const supervision = { secure, flushed, awaits, controllers, next_cfg: now.next_cfg }
  return { supervision, resync, ask: secureRow && now.next_cfg < awaits }
}
