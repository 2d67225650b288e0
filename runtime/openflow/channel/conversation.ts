/** Messages out and replies back as bytes, over one connection, for as long as its datapath is served. */
import { failure, type Problem, type Result, success } from '../../problem.ts'
import type { Connection } from './connection.ts'
import { type Answer, Exchanges, type Expectation } from './exchanges.ts'
import { messageTypes, putU32, typeAt, u16At } from './header.ts'
import type { ChannelLimits } from './limits.ts'

const multipartFlagsOffset = 10
const replyMore = 1

export class Conversation {
  readonly connection: Connection
  readonly limits: ChannelLimits
  readonly exchanges: Exchanges

  constructor(connection: Connection, limits: ChannelLimits, firstXid: number) {
    this.connection = connection
    this.limits = limits
    this.exchanges = new Exchanges(limits.pendingRequestsMax, firstXid)
  }

  /** Sends a whole message under this transaction id, or a new one. Returns the id. */
  tell(message: Uint8Array, xid = this.exchanges.xids.next()): Result<number> {
    putU32(message, 4, xid)
    return this.connection.send(message) ? success(xid) : failure(this.#unsent())
  }

  /** Sends a message and waits for its one reply. */
  ask(message: Uint8Array, timeoutMs: number): Promise<Answer<Uint8Array>> {
    return this.#exchange<Uint8Array>(message, timeoutMs, (done) => ({
      reply(bytes, offset, end) {
        done({ ok: true, value: bytes.slice(offset, end) })
        return true
      },
      fail: (problem, cause) => done({ ok: false, problem, cause }),
    }))
  }

  /** Sends a multipart request and waits for all parts of its reply. */
  askForParts(message: Uint8Array, timeoutMs: number): Promise<Answer<readonly Uint8Array[]>> {
    const { multipartBytesMax } = this.limits
    return this.#exchange<readonly Uint8Array[]>(message, timeoutMs, (done) => {
      const parts: Uint8Array[] = []
      let size = 0
      return {
        reply(bytes, offset, end) {
          size += end - offset
          const problem = wrongPart(bytes, offset, end, size, multipartBytesMax)
          if (problem !== null) {
            done({ ok: false, problem, cause: 'refused' })
            return true
          }
          parts.push(bytes.slice(offset, end))
          if ((u16At(bytes, offset + multipartFlagsOffset) & replyMore) !== 0) return false
          done({ ok: true, value: parts })
          return true
        },
        fail: (problem, cause) => done({ ok: false, problem, cause }),
      }
    })
  }

  #exchange<T>(
    message: Uint8Array,
    timeoutMs: number,
    expectation: (done: (answer: Answer<T>) => void) => Expectation,
  ): Promise<Answer<T>> {
    return new Promise((resolve) => {
      const xid = this.exchanges.xids.next()
      const expected = this.exchanges.expect(xid, timeoutMs, expectation(resolve))
      if (!expected.ok) return resolve({ ...expected, cause: 'unsent' })
      const told = this.tell(message, xid)
      if (!told.ok) this.exchanges.fail(xid, told.problem, 'unsent')
    })
  }

  #unsent(): Problem {
    const { closedBy, output } = this.connection
    if (closedBy !== null) return closedBy
    return {
      what: 'the switch reads too slowly',
      where: 'output',
      received: `${output.pending} bytes unsent`,
    }
  }
}

const multipartHeaderBytes = 16

function wrongPart(
  bytes: Uint8Array,
  offset: number,
  end: number,
  size: number,
  sizeMax: number,
): Problem | null {
  if (typeAt(bytes, offset) !== messageTypes.multipartReply || end - offset < multipartHeaderBytes) {
    return { what: 'not a multipart reply', where: 'multipart', received: `type ${typeAt(bytes, offset)}` }
  }
  if (size <= sizeMax) return null
  return { what: 'the multipart reply is too long', where: 'multipart', expected: `at most ${sizeMax} bytes` }
}
