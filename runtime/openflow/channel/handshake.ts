/** The first exchange on a connection: HELLO both ways, then the features. Ends in an identified datapath or a closed connection. */
import type { Problem } from '../../problem.ts'
import type { Connection, ConnectionListener } from './connection.ts'
import { badRequest, type ErrorCode, errorCodes, helloFailed } from './errors.ts'
import { type Features, parseFeatures } from './features.ts'
import { messageTypes, rawMessage, typeAt, u16At, version13, versionAt } from './header.ts'
import { helloMessage, negotiate, parseHello } from './hello.ts'

const helloXid = 1
const featuresXid = 2
const errorTextOffset = 12
const errorTextBytesMax = 200
/** Wire version 1 is OpenFlow 1.0, the least that an error can be understood in. */
const versionMin = 1

export interface HandshakeEnd {
  /** The switch said who it is. From here the connection has another listener. */
  identified(connection: Connection, features: Features): void
  closed(connection: Connection, problem: Problem): void
}

/** Begins at once. The caller bounds its time. */
export class Handshake implements ConnectionListener {
  readonly #connection: Connection
  readonly #end: HandshakeEnd
  #done = false

  constructor(connection: Connection, end: HandshakeEnd) {
    this.#connection = connection
    this.#end = end
    connection.listener = this
    connection.send(helloMessage(helloXid))
  }

  message(bytes: Uint8Array, offset: number, end: number) {
    const type = typeAt(bytes, offset)
    if (type === messageTypes.error) this.#refused(bytes, offset, end)
    else if (!this.#connection.negotiated) this.#hello(type, bytes, offset, end)
    else if (type === messageTypes.featuresReply && !this.#done) this.#features(bytes, offset, end)
    // Whatever else a switch sends before we asked for it is of no use yet.
    else this.#connection.statistics.unexpectedMessages++
  }

  batchEnd() {}

  closed(problem: Problem) {
    this.#end.closed(this.#connection, problem)
  }

  #hello(type: number, bytes: Uint8Array, offset: number, end: number) {
    if (type !== messageTypes.hello) {
      const problem = {
        what: 'not a HELLO',
        where: 'the first message',
        expected: 'HELLO',
        received: `type ${type}`,
      }
      return this.#connection.close(problem, badRequest(errorCodes.badType, bytes.subarray(offset, end)))
    }
    const hello = parseHello(bytes, offset, end)
    const agreed = hello.ok ? negotiate(hello.value) : hello
    if (!agreed.ok) {
      const version = Math.max(versionMin, Math.min(version13, versionAt(bytes, offset)))
      return this.refuse(errorCodes.helloIncompatible, agreed.problem, version)
    }
    this.#connection.negotiated = true
    this.#connection.send(rawMessage(messageTypes.featuresRequest, featuresXid))
  }

  #features(bytes: Uint8Array, offset: number, end: number) {
    const features = parseFeatures(bytes, offset, end)
    if (!features.ok) {
      const lastWords = badRequest(errorCodes.badLength, bytes.subarray(offset, end))
      return this.#connection.close(features.problem, lastWords)
    }
    if (features.value.auxiliaryId !== 0) {
      return this.refuse(errorCodes.helloNotPermitted, {
        what: 'auxiliary connections are not served',
        where: `datapath ${features.value.datapathId}`,
        expected: 'auxiliary_id 0',
        received: String(features.value.auxiliaryId),
      })
    }
    this.#done = true
    this.#end.identified(this.#connection, features.value)
  }

  refuse(code: ErrorCode, problem: Problem, version: number = version13) {
    this.#connection.close(problem, helloFailed(code, problem, helloXid, version))
  }

  #refused(bytes: Uint8Array, offset: number, end: number) {
    const text = Buffer.from(bytes.slice(Math.min(offset + errorTextOffset, end), end))
    const code =
      end - offset >= errorTextOffset ? `${u16At(bytes, offset + 8)}/${u16At(bytes, offset + 10)}` : '?'
    this.#connection.close({
      what: 'the switch refused the handshake',
      where: 'handshake',
      received: `error ${code} ${text.toString('latin1', 0, errorTextBytesMax).replace(/[^\x20-\x7e]/g, '?')}`,
    })
  }
}
