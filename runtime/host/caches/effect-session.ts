/**
 * Where effects of functions are sent. Of flows that are put for some seconds (`put-flow`), what an old Open vSwitch has cached
 * is dropped where one begins, and where it has ended because nobody has put it again. Not with each renewal, which changes nothing.
 */
import type { DatapathSession } from '../../openflow/channel/index.ts'
import type { Caches } from './fresh-caches.ts'

const flowMod = 14
/** Where a FLOW_MOD has its hard time-out, in bytes. */
const hardTimeoutOffset = 28
/** So much later a switch may take a flow away, in ms: it looks once a second. */
const endedLaterMs = 1_500

type Session = Pick<DatapathSession, 'packetOut' | 'endedBy' | 'barrier'>

export class EffectSession {
  readonly #session: Session
  readonly #caches: Pick<Caches, 'mayMatter' | 'drop'>
  /** When each flow ends, in ms of `performance.now()`, by its message. */
  readonly #endsMs = new Map<string, number>()
  /** Hard time-outs of what was sent since the last barrier, in seconds. */
  #sent = new Map<string, number>()
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(session: Session, caches: Pick<Caches, 'mayMatter' | 'drop'>) {
    this.#session = session
    this.#caches = caches
  }

  get endedBy() {
    return this.#session.endedBy
  }

  /** Sends a whole message, which may be a FLOW_MOD, too. False: it was not sent. */
  packetOut(bytes: Uint8Array, offset = 0, end = bytes.length): boolean {
    const isSent = this.#session.packetOut(bytes, offset, end)
    if (isSent && bytes[offset + 1] === flowMod) this.#sentFlow(bytes.subarray(offset, end))
    return isSent
  }

  #sentFlow(message: Uint8Array): void {
    const { buffer, byteOffset } = message
    const hardSeconds = new DataView(buffer, byteOffset).getUint16(hardTimeoutOffset)
    this.#sent.set(Buffer.from(message).toString('latin1'), hardSeconds)
    if (this.#sent.size === 1) void this.#settle()
  }

  /** Never rejects. */
  async #settle(): Promise<void> {
    // By then all of one run is sent.
    const matters = await this.#caches.mayMatter()
    const sent = this.#sent
    this.#sent = new Map()
    if (!matters) return
    // One that does not answer is gone, or reads them later: the end is looked at in any case.
    await this.#session.barrier()
    if (this.endedBy !== null) return
    const begun = [...sent.keys()].filter((key) => !this.#endsMs.has(key))
    for (const [key, hardSeconds] of sent)
      this.#endsMs.set(key, performance.now() + hardSeconds * 1_000 + endedLaterMs)
    this.#watch()
    if (begun.length > 0) await this.#caches.drop()
  }

  #watch(): void {
    clearTimeout(this.#timer)
    if (this.#endsMs.size === 0) return
    this.#timer = setTimeout(() => this.#ended(), Math.min(...this.#endsMs.values()) - performance.now())
    this.#timer.unref()
  }

  #ended(): void {
    if (this.endedBy !== null) return
    const nowMs = performance.now()
    const ended = [...this.#endsMs].filter(([, endMs]) => endMs <= nowMs)
    for (const [key] of ended) this.#endsMs.delete(key)
    this.#watch()
    if (ended.length > 0) void this.#caches.drop()
  }
}
