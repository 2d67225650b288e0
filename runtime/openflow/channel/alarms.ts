/** Alarms about who claims to be which datapath; the same one, repeated with every attempt to connect, is told once in a while. */
import type { Problem } from '../../problem.ts'
import { identityOf, type Peer } from './peer.ts'
import { Throttle } from './throttle.ts'

export interface Alarm {
  /**
   * `identity-mismatch`: the certificate names another datapath. `duplicate-datapath`: the datapath id belongs to another switch that is
   * connected.
   */
  readonly kind: 'identity-mismatch' | 'duplicate-datapath'
  readonly dpid: string
  /** Who claims it. */
  readonly peer: Peer
  readonly problem: Problem
}

/** Makes of what raises alarms one that does not repeat itself. */
export function throttled(raise: (alarm: Alarm) => void): (alarm: Alarm) => void {
  const throttle = new Throttle()
  return (alarm) => {
    if (throttle.pass(`${alarm.kind} ${alarm.dpid} ${identityOf(alarm.peer).name}`)) raise(alarm)
  }
}
