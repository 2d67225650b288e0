import { describe } from '../problem.ts'
import { InvalidEffect } from './effect-checks.ts'
import { encodeActions } from './encode-actions.ts'
import { eventLimits } from './limits.ts'
import { portNumber } from './packet-out-buffer.ts'

/** The number of a port that packets can go to. Throws InvalidEffect. */
export function checkedPort(port: unknown): number {
  const number = portNumber(port as number)
  if (number === -1)
    throw new InvalidEffect(`${typeof port === 'symbol' ? 'symbol' : `${port}`} is no port to send to`)
  return number
}

/** Actions as a message has them. Throws InvalidEffect. */
export function checkedActions(actions: unknown): Uint8Array {
  if (!Array.isArray(actions)) throw new InvalidEffect('actions are not a list')
  if (!(actions.length <= eventLimits.effectsMax)) throw new InvalidEffect(`${actions.length} actions`)
  const encoded = encodeActions(actions)
  if (!encoded.ok) throw new InvalidEffect(describe(encoded.problem))
  return encoded.value
}
