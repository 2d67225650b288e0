/** A trace that every switch on its way agrees with, flow by flow. */
import { expect } from 'bun:test'
import type { CtVerdict } from '../../runtime/host/trace/conntrack.ts'
import type { Trace } from '../../runtime/http/answers/trace.ts'
import type { Network } from './network.ts'
import { isWithin, stepsOf, traceInSwitch } from './switch-trace.ts'

/** Asks for the trace, and then each switch; throws where one goes another way. */
export async function agreedTrace(
  { host, lab }: Pick<Network, 'host' | 'lab'>,
  interface_uuid: string,
  packet: string,
  verdict?: CtVerdict,
): Promise<Trace> {
  const ct = verdict === undefined ? {} : { ct: verdict }
  const traced = await host.api<Trace>('POST', '/trace', { interface_uuid, packet, ...ct })
  for (const hop of traced.hops) {
    const theirs = await traceInSwitch(lab.hypervisor(hop.datapath_uuid.slice(3)), hop)
    const all = stepsOf(hop)
    const ours = theirs.isTracked ? all.slice(0, all.indexOf(theirs.steps.at(-1)!) + 1) : all
    const steps = theirs.isTwofold && isWithin(ours, theirs.steps) ? ours : [...theirs.steps]
    const at = { at: hop.datapath_uuid, packet: hop.packet }
    expect({ ...at, steps: ours }).toEqual({ ...at, steps })
    const isDropped = hop.ends.every(({ outcome }) => outcome === 'dropped')
    if (!theirs.isTracked && !theirs.isTwofold)
      expect({ ...at, isDropped }).toEqual({ ...at, isDropped: theirs.isDropped })
    expect(hop.notes).toEqual([])
  }
  return traced
}
