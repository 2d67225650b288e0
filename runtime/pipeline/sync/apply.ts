/**
 * Carries edits out on a switch: meters first (they cannot be in a bundle), then groups and flows in bundles of safe
 * order, then what meters are left over. What the switch refuses costs only the unit that wanted it. Zones of connection
 * tracking that get an owner are emptied before its flows are there, and once more after those of the last owner are gone.
 */
import { describe, type Problem } from '../../problem.ts'
import { describeFlow } from '../canonical/flow-text.ts'
import type { FlowEdit, GroupEdit, MeterEdit } from './edit.ts'
import type { Edits } from './edits.ts'
import type { SyncLimits } from './limits.ts'
import { deleteGroup, deleteMeter, groupMessage, meterMessage } from './messages.ts'
import { chunksOf, inSafeOrder } from './order.ts'
import type { Refusal } from './quarantine.ts'
import type { SwitchPort } from './switch-port.ts'
import { type ClaimedZone, flushZone, zonesClaimed } from './zones.ts'

/** How often a group or meter is sent again because another controller had added or removed it just before. */
const correctionsMax = 3

/** A message to send, with whose it is and whether it puts something there. */
interface Step {
  readonly owner: string | undefined
  readonly puts: boolean
  readonly message: () => Uint8Array
  readonly text: () => string
  readonly done?: () => void
  /** Whether the switch refused only because another controller was there first: it can be sent again. */
  readonly overtaken?: (problem: Problem) => boolean
}

export interface Outcome {
  /** Units of which the switch refused something; what they wanted to put was left out. */
  readonly refusals: readonly Refusal[]
  /** The switch did not answer: what it has is unknown. */
  readonly unknown: Problem | undefined
}

/** Which groups and meters a switch has: whether to add or to change one depends on it. */
export interface Installed {
  readonly groups: Set<string>
  readonly meters: Set<string>
  /** Flows that stand for who has a zone. */
  readonly claims: Set<string>
}

/** Never throws for what a switch does; the promise resolves when everything is acknowledged or something is unknown. */
export async function applyEdits(
  port: SwitchPort,
  edits: Edits,
  installed: Installed,
  limits: SyncLimits,
): Promise<Outcome> {
  const run = new Run(port, limits)
  const meters = [...edits.meters.values()].map((edit) => meterStep(edit, installed.meters))
  const groups = [...edits.groups.values()].map((edit) => groupStep(edit, installed.groups))
  const flows = inSafeOrder(edits.flows.values()).map((edit) => flowStep(edit, installed.claims))
  const zones = zonesClaimed(edits)
  const handedOver = zones.filter(({ key }) => installed.claims.has(key))
  await run.each([...meters.filter((step) => step.puts), ...zones.map(zoneStep)])
  const bundled = [...groups.filter((step) => step.puts), ...flows, ...groups.filter((step) => !step.puts)]
  for (const chunk of chunksOf(bundled, limits.bundleFlowsMax))
    await (port.hasBundles ? run.bundle(chunk) : run.each(chunk))
  await run.each([...handedOver.map(zoneStep), ...meters.filter((step) => !step.puts)])
  return run
}

class Run implements Outcome {
  readonly refusals: Refusal[] = []
  unknown: Problem | undefined
  readonly #refused = new Set<string>()

  readonly #port: SwitchPort
  readonly #limits: SyncLimits

  constructor(port: SwitchPort, limits: SyncLimits) {
    this.#port = port
    this.#limits = limits
  }

  /** One after the other: what is refused costs its unit what comes later. */
  async each(all: readonly Step[]): Promise<void> {
    const steps = this.#allowed(all)
    if (steps.length === 0 || this.unknown) return
    const { refused, unknown } = await this.#port.each(messagesOf(steps), this.#limits.barrierTimeoutMs)
    this.unknown = unknown
    if (!unknown) for (const [index, step] of steps.entries()) if (!refused.has(index)) step.done?.()
    const again: Step[] = []
    for (const [index, problem] of refused)
      if (steps[index]!.overtaken?.(problem)) again.push(steps[index]!)
      else this.#refuse(steps[index]!, problem)
    await this.each(again)
  }

  /** All in one; where the switch refuses, again without the unit that it refused. */
  async bundle(all: readonly Step[]): Promise<void> {
    for (let steps = this.#allowed(all); steps.length > 0 && !this.unknown; steps = this.#allowed(steps)) {
      const applied = await this.#port.bundle(messagesOf(steps), this.#limits.bundleTimeoutMs)
      if (applied.kind === 'applied') return steps.forEach((step) => void step.done?.())
      if (applied.kind === 'unknown') {
        this.unknown = applied.problem
        return
      }
      if (applied.refused.size === 0) return this.#halve(steps, applied.problem)
      const again = new Set<number>()
      for (const [index, problem] of applied.refused)
        if (steps[index]!.overtaken?.(problem)) again.add(index)
        else this.#refuse(steps[index]!, problem)
      steps = steps.filter((_, index) => !applied.refused.has(index) || again.has(index))
    }
  }

  /** The switch did not say what it refused: finds out by trying halves of the units. */
  async #halve(steps: readonly Step[], problem: Problem): Promise<void> {
    const owners = [...new Set(steps.map((step) => step.owner))]
    if (owners.length > 1) {
      const half = new Set(owners.slice(0, owners.length >>> 1))
      await this.bundle(steps.filter((step) => half.has(step.owner)))
      await this.bundle(steps.filter((step) => !half.has(step.owner)))
      return
    }
    this.#refuse(steps[0]!, problem)
    const rest = this.#allowed(steps)
    // Only if that left something out is it worth another try.
    if (rest.length > 0 && rest.length < steps.length) await this.bundle(rest)
  }

  /** Without what units that were refused want to put; what they remove goes. */
  #allowed(steps: readonly Step[]): readonly Step[] {
    if (this.#refused.size === 0) return steps
    return steps.filter((step) => !step.puts || step.owner === undefined || !this.#refused.has(step.owner))
  }

  #refuse(step: Step, problem: Problem): void {
    if (step.owner !== undefined && this.#refused.has(step.owner)) return
    const where = `${step.owner ?? 'a foreign object'}: ${step.text()}`
    this.refusals.push({
      owner: step.owner,
      problem: { what: `the switch refused it: ${describe(problem)}`, where },
    })
    if (step.owner !== undefined) this.#refused.add(step.owner)
  }
}

const messagesOf = (steps: readonly Step[]): readonly Uint8Array[] => steps.map((step) => step.message())

const flowStep = (edit: FlowEdit, claims: Set<string>): Step => ({
  owner: edit.owner,
  puts: edit.piece !== undefined,
  message: () => edit.message(),
  text: () =>
    `${edit.piece ? '' : 'removal of '}${edit.flow ? describeFlow(edit.flow) : 'a flow that cannot be read'}`,
  ...claimDone(edit, claims),
})

/** Few flows stand for a zone. */
function claimDone({ key, piece }: FlowEdit, claims: Set<string>): { done?: () => void } {
  if (piece?.claimsZone !== undefined) return { done: () => void claims.add(key) }
  return piece === undefined && claims.has(key) ? { done: () => void claims.delete(key) } : {}
}

const zoneStep = ({ zone, owner }: ClaimedZone): Step => ({
  owner,
  puts: true,
  message: () => flushZone(zone),
  text: () => `what is tracked in zone ${zone}`,
})

function groupStep({ key, owner, piece }: GroupEdit, installed: Set<string>): Step {
  const text = () => `group ${key}`
  if (!piece)
    return {
      owner,
      puts: false,
      message: () => deleteGroup(Number(key)),
      text,
      done: () => installed.delete(key),
    }
  const message = () => groupMessage(piece.bytes, installed.has(key))
  const overtaken = correction(key, installed)
  return { owner, puts: true, message, text, done: () => installed.add(key), overtaken }
}

function meterStep({ key, owner, piece }: MeterEdit, installed: Set<string>): Step {
  const text = () => `meter ${key}`
  if (!piece)
    return {
      owner,
      puts: false,
      message: () => deleteMeter(Number(key)),
      text,
      done: () => installed.delete(key),
    }
  const message = () => meterMessage(piece.bytes, installed.has(key))
  const overtaken = correction(key, installed)
  return { owner, puts: true, message, text, done: () => installed.add(key), overtaken }
}

/** Another host that serves the switch may have added or removed it since we looked: the switch says so, and knows best. */
function correction(key: string, installed: Set<string>): (problem: Problem) => boolean {
  let left = correctionsMax
  return ({ received = '' }) => {
    const exists = /(METER|GROUP)_EXISTS$/.test(received)
    const missing = /UNKNOWN_(METER|GROUP)$/.test(received)
    if (exists === missing || left-- === 0) return false
    if (exists) installed.add(key)
    else installed.delete(key)
    return true
  }
}
