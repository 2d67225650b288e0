/** A list of messages in order, then a barrier: for what cannot go in a bundle (meters), and for switches that have none. */
import type { Conversation } from './conversation.ts'
import { messageTypes, rawMessage } from './header.ts'
import { type ApplyResult, applied, notApplied, Refusals } from './refusals.ts'

/** Sends the messages and waits for the switch to have dealt with all of them. What it refuses, it names; the others stand. */
export async function runOrdered(
  conversation: Conversation,
  messages: readonly Uint8Array[],
  timeoutMs: number,
): Promise<ApplyResult> {
  const refusals = new Refusals()
  const { connection, exchanges } = conversation
  const deadline = performance.now() + timeoutMs
  const first = exchanges.xids.block(messages.length)
  const unwatch = exchanges.watch(first, messages.length, refusals.add)
  try {
    for (const [index, message] of messages.entries()) {
      if (!connection.hasRoom) await connection.room()
      const told = conversation.tell(message, first + index)
      if (!told.ok) return notApplied(told.problem, refusals.list, 'unknown')
    }
    const leftMs = Math.max(deadline - performance.now(), 1)
    const barrier = await conversation.ask(rawMessage(messageTypes.barrierRequest, 0), leftMs)
    if (!barrier.ok) return notApplied(barrier.problem, refusals.list, 'unknown')
    const problem = refusals.first
    return problem === undefined ? applied : notApplied(problem, refusals.list, 'some')
  } finally {
    unwatch()
  }
}
