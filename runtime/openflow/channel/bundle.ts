/** A list of messages that a switch applies all together or not at all: ONF extension 230, bundles over OpenFlow 1.3. */
import { failure, type Problem, type Result, success } from '../../problem.ts'
import type { Conversation } from './conversation.ts'
import type { Answer } from './exchanges.ts'
import { messageBytesMax, messageTypes, putHeader, putU16, putU32 } from './header.ts'
import { type ApplyResult, applied, notApplied, Refusals } from './refusals.ts'

const onfExperimenter = 0x4f4e4600
const bundleControl = 2300
const bundleAddMessage = 2301
const bundleHeaderBytes = 24
const bundleFlags = { atomic: 1, ordered: 2 } as const
const controls = { open: 0, close: 2, commit: 4, discard: 6 } as const

/** The longest message that fits into an ADD_MESSAGE. */
export const bundledMessageBytesMax = messageBytesMax - bundleHeaderBytes

/** A bundle on its way: its id on the connection, its messages, the transaction id of the first, and until when. */
interface Run {
  readonly conversation: Conversation
  readonly id: number
  readonly messages: readonly Uint8Array[]
  readonly first: number
  /** `performance.now()` at which it has failed. */
  readonly deadline: number
}

/** Runs one bundle from open to commit. The caller sees to it that a session runs one at a time. */
export async function runBundle(
  conversation: Conversation,
  id: number,
  messages: readonly Uint8Array[],
  timeoutMs: number,
): Promise<ApplyResult> {
  const refusals = new Refusals()
  const first = conversation.exchanges.xids.block(messages.length)
  const unwatch = conversation.exchanges.watch(first, messages.length, refusals.add)
  const run = { conversation, id, messages, first, deadline: performance.now() + timeoutMs }
  try {
    const filled = await fill(run)
    const problem = refusals.first ?? (filled.ok ? undefined : filled.problem)
    if (problem === undefined) return await commit(run, refusals)
    await control(run, 'discard')
    return notApplied(problem, refusals.list)
  } finally {
    unwatch()
  }
}

/** Whether the switch has bundles: it opens an empty one, which is discarded then. No flow is touched. */
export async function probeBundles(
  conversation: Conversation,
  id: number,
  timeoutMs: number,
): Promise<boolean> {
  const run = { conversation, id, messages: [], first: 0, deadline: performance.now() + timeoutMs }
  const opened = await control(run, 'open')
  if (opened.ok) await control(run, 'discard')
  return opened.ok
}

/** Opens the bundle, adds the messages and closes it, in one go. Refusals come before the reply to close. */
async function fill(run: Run): Promise<Result<unknown>> {
  const opened = control(run, 'open')
  const added = await addMessages(run)
  const closed = added.ok ? await control(run, 'close') : added
  const open = await opened
  return open.ok ? closed : open
}

async function addMessages(run: Run): Promise<Result<void>> {
  const { connection } = run.conversation
  for (const [index, message] of run.messages.entries()) {
    // A bundle as large as one likes passes through a buffer of limited size.
    if (!connection.hasRoom && !(await connection.room())) return failure(unsent(run))
    if (!addMessage(run, index, message) || performance.now() > run.deadline) return failure(unsent(run))
  }
  return success(undefined)
}

/** Writes ONFT_BUNDLE_ADD_MESSAGE around the message; both carry the same transaction id. */
function addMessage({ conversation, id, first }: Run, index: number, message: Uint8Array): boolean {
  const length = bundleHeaderBytes + message.length
  const at = conversation.connection.reserve(length)
  if (at < 0) return false
  const { bytes } = conversation.connection.output
  putBundleHeader(bytes, at, { length, xid: first + index, subtype: bundleAddMessage, id, what: 0 })
  bytes.set(message, at + bundleHeaderBytes)
  putU32(bytes, at + bundleHeaderBytes + 4, first + index)
  return true
}

/** A refused commit names the message that it failed at first, then itself. */
async function commit(run: Run, refusals: Refusals): Promise<ApplyResult> {
  const committed = await control(run, 'commit')
  if (committed.ok) return applied
  if (committed.cause === 'unsent') await control(run, 'discard')
  const certain = committed.cause === 'refused' || committed.cause === 'unsent'
  return notApplied(refusals.first ?? committed.problem, refusals.list, certain ? 'none' : 'unknown')
}

function control(run: Run, what: keyof typeof controls): Promise<Answer<Uint8Array>> {
  const message = new Uint8Array(bundleHeaderBytes)
  putBundleHeader(message, 0, {
    length: message.length,
    xid: 0,
    subtype: bundleControl,
    id: run.id,
    what: controls[what],
  })
  return run.conversation.ask(message, Math.max(run.deadline - performance.now(), 1))
}

interface BundleHeader {
  readonly length: number
  readonly xid: number
  readonly subtype: number
  readonly id: number
  /** The control type; 0 where the format has padding instead. */
  readonly what: number
}

function putBundleHeader(bytes: Uint8Array, at: number, { length, xid, subtype, id, what }: BundleHeader) {
  putHeader(bytes, at, messageTypes.experimenter, length, xid)
  putU32(bytes, at + 8, onfExperimenter)
  putU32(bytes, at + 12, subtype)
  putU32(bytes, at + 16, id)
  putU16(bytes, at + 20, what)
  putU16(bytes, at + 22, bundleFlags.atomic | bundleFlags.ordered)
}

const unsent = ({ conversation: { connection }, id }: Run): Problem =>
  connection.closedBy ?? { what: 'the switch did not take all messages in time', where: `bundle ${id}` }
