/** What a switch says of itself and of its ports, kept up to date by port status messages. */
import { failure, type Result, success } from '../../problem.ts'
import type { Message, MultipartReply, Port, PortStatus } from '../index.ts'

/** The reply to OFPMP_DESC: who made the switch, its hardware, software, serial number, and a name for people. */
export type Description = MultipartReply<'OFPMP_DESC'>['body']
export type PortNumber = Port['port_no']

export class Ports extends Map<PortNumber, Port> {
  readonly #max: number
  /** What happened before the list was there, by port; null: it is gone. */
  #early: Map<PortNumber, Port | null> | null = new Map()

  constructor(max: number) {
    super()
    this.#max = max
  }

  /** Takes the list of a multipart reply, and over it what happened meanwhile. Fails when the list is longer than the limit. */
  fill(parts: readonly Message[]): Result<void> {
    for (const part of parts) {
      if (part.type !== 'OFPT_MULTIPART_REPLY' || part.multipart_type !== 'OFPMP_PORT_DESC') {
        return failure({ what: 'not a list of ports', where: 'port_desc', received: String(part.type) })
      }
      for (const port of part.body) this.set(port.port_no, port)
      if (this.size > this.#max) {
        const expected = `at most ${this.#max}`
        return failure({ what: 'the switch has too many ports', where: 'port_desc', expected })
      }
    }
    const early = this.#early ?? []
    this.#early = null
    for (const [number, port] of early) this.#put(number, port)
    return success(undefined)
  }

  /** Follows one change. */
  follow({ reason, desc }: PortStatus) {
    const port = reason === 'OFPPR_DELETE' ? null : desc
    if (this.#early === null) this.#put(desc.port_no, port)
    // Replies and changes come in order, but a reply of many parts is put together later.
    else if (this.#early.size < this.#max) this.#early.set(desc.port_no, port)
  }

  /** A port beyond the limit is not kept: a switch that invents ports without end costs no more than the limit. */
  #put(number: PortNumber, port: Port | null) {
    if (port === null) this.delete(number)
    else if (this.size < this.#max || this.has(number)) this.set(number, port)
  }
}
