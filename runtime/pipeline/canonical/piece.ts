/** What the engine holds and the synchroniser carries: the things that units want on a datapath, each with an identity and a canonical body. */
import type { TunnelPort, Unit } from '../flow.ts'

/**
 * One thing that a unit wants on its datapath. `key` says which one it is (for a flow table, priority and match);
 * two pieces with one key are the same thing on the switch exactly if their bodies are equal.
 */
export interface Piece {
  readonly unit: Unit
  readonly key: string
  readonly body: string
  /** For people. */
  readonly text: string
}

export const unitKey = (unit: Unit): string => `${unit.feature}/${unit.objectId}`

/** `interface 17 on datapath 2`: how people are told of a unit. */
export const describeUnit = (unit: Unit): string =>
  `${unit.feature} ${unit.objectId} on datapath ${unit.datapathId}`

/** The uplink of a bridge as a piece: there is one. */
export class UplinkPiece implements Piece {
  readonly key = 'uplink'
  readonly body: string
  readonly unit: Unit

  constructor(unit: Unit, portName: string) {
    if (typeof portName !== 'string' || portName === '') throw new TypeError('it is no name of a port')
    this.unit = unit
    this.body = portName
  }

  get text(): string {
    return `uplink ${this.body}`
  }
}

/** A tunnel port as a piece: its name is its identity. */
export class TunnelPortPiece implements Piece {
  readonly key: string
  readonly body: string

  readonly unit: Unit
  readonly port: TunnelPort

  constructor(unit: Unit, port: TunnelPort) {
    this.unit = unit
    this.port = port
    this.key = port.name
    const options = Object.entries(port.options).sort(([a], [b]) => (a < b ? -1 : 1))
    this.body = JSON.stringify([port.type, options])
  }

  get text(): string {
    return `tunnel port ${this.port.name} ${this.body}`
  }
}
