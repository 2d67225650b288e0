/** Lists of messages on their way out. */
import { CodecError, encode, type Message } from '../index.ts'
import { type NotApplied, notApplied } from './refusals.ts'

/** A message, or one that is encoded already: the same flow goes to many switches. */
export type Outgoing = Message | Uint8Array

/**
 * Encodes what is not encoded yet. A message that cannot be, or is longer than `bytesMax`, is refused here, by its position, as the
 * switch would refuse it.
 */
export function encodeAll(
  messages: readonly Outgoing[],
  bytesMax: number,
): { ok: true; value: readonly Uint8Array[] } | NotApplied {
  const encoded: Uint8Array[] = []
  for (const [index, message] of messages.entries()) {
    try {
      const bytes = message instanceof Uint8Array ? message : encode(message)
      if (bytes.length > bytesMax) return tooLong(index, bytes.length, bytesMax)
      encoded.push(bytes)
    } catch (error) {
      if (!(error instanceof CodecError)) throw error
      return notApplied(error.problem, [{ index, problem: error.problem }])
    }
  }
  return { ok: true, value: encoded }
}

export const tooMany = (what: string, max: number) =>
  notApplied({ what: `too many ${what}`, where: 'bundle', expected: `at most ${max}` })

function tooLong(index: number, length: number, bytesMax: number): NotApplied {
  const where = `messages[${index}]`
  const problem = {
    what: 'the message is too long',
    where,
    expected: `at most ${bytesMax} bytes`,
    received: String(length),
  }
  return notApplied(problem, [{ index, problem }])
}
