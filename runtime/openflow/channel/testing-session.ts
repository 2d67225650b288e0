/** A served fake switch and what tests need to look at its messages. */
import { afterEach } from 'bun:test'
import type { Message } from '../index.ts'
import { typeAt, u16At, u32At } from './header.ts'
import type { ChannelLimits } from './limits.ts'
import { FakeSwitch, type FakeSwitchOptions } from './testing.ts'
import { startChannel } from './testing-channel.ts'

/** Steps that run, last first, after each test of the file that calls this at its top. */
export function useLater(): (step: () => void) => void {
  const undo: (() => void)[] = []
  afterEach(() => {
    for (const step of undo.splice(0).reverse()) step()
  })
  return (step) => void undo.push(step)
}

/** `later`, and a function that connects a fake switch to a channel and waits until it is served. */
export function useSessions() {
  const later = useLater()
  const serve = async (options: FakeSwitchOptions = {}, limits: Partial<ChannelLimits> = {}) => {
    const channel = await startChannel(later, { limits })
    const fake = await FakeSwitch.connect(channel.at, options)
    const session = await channel.next()
    fake.received.length = 0
    return { ...channel, fake, session }
  }
  return { later, serve }
}

export const base = { version: 4, xid: 0 } as const
export const echoless = { ...base, type: 'OFPT_GET_CONFIG_REQUEST' } as const
export const deleteAll: Message = {
  ...base,
  type: 'OFPT_FLOW_MOD',
  cookie: 0n,
  cookie_mask: 0n,
  table_id: 'OFPTT_ALL',
  command: 'OFPFC_DELETE',
  idle_timeout: 0,
  hard_timeout: 0,
  priority: 0,
  buffer_id: 'OFP_NO_BUFFER',
  out_port: 'OFPP_ANY',
  out_group: 'OFPG_ANY',
  flags: [],
  match: [],
  instructions: [],
}
export const numbered = (count: number): Message[] =>
  Array.from({ length: count }, (_, index) => ({ ...deleteAll, cookie: BigInt(index + 1) }))

export const is = (type: number) => (bytes: Uint8Array) => typeAt(bytes, 0) === type
export const control = (bytes: Uint8Array) =>
  typeAt(bytes, 0) === 4 && u32At(bytes, 12) === 2300 ? u16At(bytes, 20) : null
export const added = (bytes: Uint8Array) => typeAt(bytes, 0) === 4 && u32At(bytes, 12) === 2301
/** A step of a bundle, or a message's type + 100. */
export const step = (bytes: Uint8Array): unknown =>
  control(bytes) ?? (added(bytes) ? 'add' : typeAt(bytes, 0) + 100)
export const cookieOf = (flowMod: Uint8Array) =>
  new DataView(flowMod.buffer, flowMod.byteOffset).getBigUint64(8)
