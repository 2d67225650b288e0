/** For tests of the dispatcher: a switch that keeps what it is sent, PACKET_INs, and versions made in place. */
import { StateView } from '../../db/state/view.ts'
import { createLogger, type Logger } from '../log.ts'
import type { AnyFunction, PacketFunction } from '../openvnet/define.ts'
import { noBuffer } from '../openvnet/packet.ts'
import type { Problem } from '../problem.ts'
import { LoadedVersion } from './active-function.ts'
import type { EffectHooks } from './effect-applier.ts'
import { FunctionFailures } from './function-failures.ts'
import { FunctionRegistry } from './function-registry.ts'
import type { Commit } from './packet-commits.ts'
import { PacketDispatcher } from './packet-dispatcher.ts'
import type { PacketSession } from './packet-lane.ts'

export interface PacketInParts {
  readonly code?: number
  readonly objectId?: number
  readonly inPort?: number
  readonly bufferId?: number
  readonly frame?: Uint8Array
}

/** An OFPT_PACKET_IN as most switches send it. */
export function packetInMessage(parts: PacketInParts = {}): Uint8Array {
  const { code = 1, objectId = 0, inPort = 3, bufferId = noBuffer, frame = new Uint8Array(60) } = parts
  const bytes = new Uint8Array(42 + frame.length)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, 0x040a_0000 | bytes.length)
  view.setUint32(8, bufferId)
  view.setUint16(12, frame.length)
  view.setBigUint64(16, (BigInt(code) << 48n) | BigInt(objectId))
  view.setUint32(24, 0x0001_000c)
  view.setUint32(28, 0x8000_0004)
  view.setUint32(32, inPort)
  bytes.set(frame, 42)
  return bytes
}

export interface SentPacketOut {
  readonly bufferId: number
  readonly inPort: number
  /** Of its only output action; undefined where it has others. */
  readonly port: number | undefined
  readonly actions: Uint8Array
  readonly frame: Uint8Array
}

/** A connected switch that answers nothing. */
export class FakeSwitch implements PacketSession {
  readonly dpid: string
  readonly sent: SentPacketOut[] = []
  /** Calls of `packetOut`: one write each. */
  writes = 0
  connected = true
  /** Connected, but reading no more. */
  slow = false
  #listener: ((bytes: Uint8Array, offset: number, end: number) => void) | undefined
  #batchEnd: (() => void) | undefined

  constructor(dpid = '0x0000000000000001') {
    this.dpid = dpid
  }

  get endedBy(): Problem | null {
    return this.connected ? null : { what: 'gone', where: 'test' }
  }

  onPacketIn(listener: (bytes: Uint8Array, offset: number, end: number) => void, batchEnd: () => void) {
    this.#listener = listener
    this.#batchEnd = batchEnd
  }

  packetOut(bytes: Uint8Array, offset: number, end: number): boolean {
    if (!this.connected || this.slow) return false
    this.writes++
    for (let at = offset; at < end; ) {
      const length = (bytes[at + 2]! << 8) | bytes[at + 3]!
      this.sent.push(readPacketOut(bytes.slice(at, at + length)))
      at += length
    }
    return true
  }

  /** As if the connection had ended after this message, before the socket event did. */
  receiveWithoutEnd(message: Uint8Array) {
    this.#listener!(message, 0, message.length)
  }

  /** As if one socket event had brought these messages; their bytes are overwritten afterwards, as a socket's are. */
  receive(...messages: Uint8Array[]) {
    const chunk = Buffer.concat(messages)
    let at = 0
    for (const { length } of messages) {
      this.#listener!(chunk, at, at + length)
      at += length
    }
    this.#batchEnd!()
    chunk.fill(0xee)
  }
}

function readPacketOut(bytes: Uint8Array): SentPacketOut {
  const view = new DataView(bytes.buffer, bytes.byteOffset)
  const actionsEnd = 24 + view.getUint16(16)
  const isOutput = actionsEnd === 40 && view.getUint32(24) === 0x10
  return {
    bufferId: view.getUint32(8),
    inPort: view.getUint32(12),
    port: isOutput ? view.getUint32(28) : undefined,
    actions: bytes.slice(24, actionsEnd),
    frame: bytes.slice(actionsEnd),
  }
}

export interface TestHost {
  readonly registry: FunctionRegistry
  readonly dispatcher: PacketDispatcher
  readonly state: StateView
  readonly logged: Record<string, unknown>[]
  readonly log: Logger
  /** Puts a function to service and gives its version. */
  serve<F extends AnyFunction>(definition: F, version?: number): LoadedVersion<F>
  close(): void
}

const refuseCommits: Commit = () => Promise.reject(new Error('nothing is to be committed in this test'))

/** A packet dispatcher over an empty state. */
export function createTestHost(commit: Commit = refuseCommits, hooks: EffectHooks = {}): TestHost {
  const logged: Record<string, unknown>[] = []
  const log = createLogger('debug', (line) => void logged.push(JSON.parse(line)), false)
  const registry = new FunctionRegistry()
  const failures = new FunctionFailures(registry, log)
  const state = new StateView()
  const dispatcher = new PacketDispatcher({ registry, failures, state: () => state, commit, log, hooks })
  return {
    registry,
    dispatcher,
    state,
    logged,
    log,
    serve(definition, version = 1) {
      const loaded = new LoadedVersion(`test/${definition.kind}`, version, '', definition)
      const activated = registry.activate(loaded)
      if (!activated.ok) throw new Error(activated.problem.what)
      return loaded
    },
    close() {
      dispatcher.close()
      failures.close()
    },
  }
}

/** A packet function at punt point 1. */
export const packetFunction = (handle: PacketFunction['handle'], code = 1): PacketFunction => ({
  kind: 'packet',
  name: 'test',
  from: { name: 'test', code },
  handle,
})
