import type { PendingDraft } from '../../db/state/draft.ts'
import type { PacketFunction } from '../openvnet/define.ts'
import type { LoadedVersion } from './active-function.ts'
import { InvalidEffect } from './effect-checks.ts'
import type { HostEffect } from './host-effect.ts'
import { eventLimits } from './limits.ts'
import type { Outcome } from './outcomes.ts'
import type { PacketOutBuffer } from './packet-out-buffer.ts'

/** What an event asks for beyond packet-outs that can leave at once. */
export interface Remainder {
  readonly version: LoadedVersion<PacketFunction>
  /** Where the PACKET_IN lies; valid only while the batch's listener is told. */
  readonly message: { readonly bytes: Uint8Array; readonly offset: number; readonly end: number }
  readonly effects: readonly HostEffect[]
  /** Writes to be committed before anything else happens; then `out` leaves. */
  readonly pending: PendingDraft | undefined
  readonly out: PacketOutBuffer | undefined
}

export interface Failure {
  readonly version: LoadedVersion<PacketFunction>
  readonly outcome: Outcome
  readonly error: unknown
}

/**
 * All that guarded code of ours changes. A time-out can stop it between any two of its steps: an event counts only
 * when `finished` has passed it, and what an unfinished event had added is taken back to the marks.
 */
export class PacketScratch {
  finished = 0
  version: LoadedVersion<PacketFunction> | undefined
  /** Of the event in hand. */
  others: HostEffect[] = []
  readonly remainders: Remainder[] = []
  readonly failures: Failure[] = []
  readonly unserved: number[] = []
  readonly #out: PacketOutBuffer
  #markFor = -1
  #length = 0
  #count = 0
  #remainders = 0
  #failures = 0
  #unserved = 0

  constructor(out: PacketOutBuffer) {
    this.#out = out
  }

  /** Sets the marks of an event. `#markFor` is last: before it the marks are nobody's. */
  begin(at: number) {
    this.#markFor = -1
    this.#length = this.#out.length
    this.#count = this.#out.count
    this.#remainders = this.remainders.length
    this.#failures = this.failures.length
    this.#unserved = this.unserved.length
    if (this.others.length > 0) this.others = []
    this.#markFor = at
  }

  /** Throws InvalidEffect where the event's packet-outs, in `out` or in the batch's, are more than one may have. */
  checkPacketOuts(out?: PacketOutBuffer) {
    const count = out === undefined ? this.#out.count - this.#count : out.count
    if (count > eventLimits.packetOutsMax)
      throw new InvalidEffect(`${count} packet-outs, of at most ${eventLimits.packetOutsMax}`)
    if (out === undefined && this.#out.length - this.#length > eventLimits.packetOutBytesMax)
      throw new InvalidEffect(`packet-outs of more than ${eventLimits.packetOutBytesMax} bytes`)
  }

  /** Undoes what the event in hand has added. */
  takeBack() {
    this.#out.length = this.#length
    this.#out.count = this.#count
    this.others = []
    this.remainders.length = this.#remainders
    this.failures.length = this.#failures
    this.unserved.length = this.#unserved
  }

  /** After a time-out. */
  recover() {
    this.#out.recover()
    if (this.#markFor === this.finished) this.takeBack()
  }

  clear() {
    this.remainders.length = 0
    this.failures.length = 0
    this.unserved.length = 0
    this.version = undefined
  }
}
