/** A switch in memory for tests of what the synchroniser does when a switch refuses, dies or is slow. */
import { success } from '../../problem.ts'
import { flowModType } from '../canonical/flow-bytes.ts'
import { flowKey } from '../canonical/flow-form.ts'
import { flowCommand, flowMod, matchOffset, setU16, u16 } from '../canonical/layout.ts'
import type { Applied, AppliedEach, SwitchPort } from './switch-port.ts'
import { SwitchFlow } from './switch-tables.ts'

/** Flows only; keeps the flow_mods that it was given. */
export class MemorySwitch implements SwitchPort {
  hasBundles = true
  readonly flows = new Map<string, Uint8Array>()
  /** Lengths of the bundles that were committed. */
  readonly committed: number[] = []
  attempts = 0
  /** Refuses every flow whose cookie ends in one of these bytes. */
  readonly refusedCookies = new Set<number>()
  /** Whether a refusal names the message. */
  namesOffender = true
  /** How many messages a refusal names: a commit stops at the first, adding to a bundle does not. */
  namesMax = 1
  /** The next bundle is carried out, but nobody hears of it. */
  dieAfterNext = false
  reads = 0
  /** Until it resolves nothing is answered. */
  gate: Promise<void> = Promise.resolve()

  async read() {
    this.reads++
    await this.gate
    return success({ flows: [...this.flows.values()].map(entryOf), groups: [], meters: [] })
  }

  async bundle(messages: readonly Uint8Array[]): Promise<Applied> {
    this.attempts++
    await this.gate
    const wrong = [...messages.keys()]
      .filter((index) => this.#refuses(messages[index]!))
      .slice(0, this.namesMax)
    const problem = { what: 'refused', where: 'test' }
    const refused = new Map(this.namesOffender ? wrong.map((index) => [index, problem]) : [])
    if (wrong.length > 0) return { kind: 'refused', problem, refused }
    for (const bytes of messages) this.#carryOut(bytes)
    this.committed.push(messages.length)
    if (!this.dieAfterNext) return { kind: 'applied' }
    this.dieAfterNext = false
    return { kind: 'unknown', problem: { what: 'the switch did not answer', where: 'test' } }
  }

  async each(messages: readonly Uint8Array[]): Promise<AppliedEach> {
    await this.gate
    const refused = new Map()
    for (const [index, bytes] of messages.entries()) {
      if (this.#refuses(bytes)) refused.set(index, { what: 'refused', where: 'test' })
      else this.#carryOut(bytes)
    }
    return { refused }
  }

  #refuses(bytes: Uint8Array): boolean {
    return bytes[flowMod.command] === flowCommand.add && this.refusedCookies.has(bytes[flowMod.cookie + 7]!)
  }

  #carryOut(bytes: Uint8Array): void {
    if (bytes[1] !== flowModType) throw new Error('only flows here')
    const key = flowKey(bytes, 0, bytes[flowMod.table]!, u16(bytes, flowMod.priority))
    if (bytes[flowMod.command] === flowCommand.add) this.flows.set(key, bytes)
    else this.flows.delete(key)
  }
}

/** The entry of a flow description for a flow_mod. OpenFlow 1.3.5, section 7.3.5.2. */
export function entryOf(bytes: Uint8Array): SwitchFlow {
  const entry = new Uint8Array(bytes.length)
  setU16(entry, 0, entry.length)
  entry[2] = bytes[flowMod.table]!
  setU16(entry, 12, u16(bytes, flowMod.priority))
  setU16(entry, 14, u16(bytes, flowMod.idleTimeout))
  setU16(entry, 16, u16(bytes, flowMod.hardTimeout))
  setU16(entry, 18, u16(bytes, flowMod.flags))
  entry.set(bytes.subarray(flowMod.cookie, flowMod.cookie + 8), 24)
  entry.set(bytes.subarray(matchOffset), matchOffset)
  return new SwitchFlow(entry, 0, entry.length)
}
