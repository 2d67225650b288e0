/** Actions by which a packet that was punted goes on in the pipeline: a packet-out begins with empty registers. */
import type { Action, PacketIn } from 'openvnet'
import { pipeline } from '../flows/pipeline.ts'

type RegisterName = keyof typeof pipeline.registers

const registerCount = 16
const registerBits = 32

const load = (dst: string, offset: number, n_bits: number, value: number): Action => ({
  type: 'NXAST_REG_LOAD',
  ofs_nbits: { offset, n_bits },
  dst,
  value: BigInt(value),
})

/** Puts a number into a field of a register. */
export function loadOf(name: RegisterName, value: number): Action[] {
  const [number, from, to] = pipeline.registers[name].bits
  return [load(`reg${number}`, from, to - from + 1, value)]
}

export const resubmitTo = (table: keyof typeof pipeline.tables): Action => ({
  type: 'NXAST_RESUBMIT_TABLE',
  in_port: 'OFPP_IN_PORT',
  table: pipeline.tables[table].id,
})

/** All registers as they were when the packet was punted. */
export const registersOf = (packet: PacketIn): Action[] =>
  Array.from({ length: registerCount }, (_, number) => number).flatMap((number) => {
    const value = packet.register(number)
    return value === 0 ? [] : [load(`reg${number}`, 0, registerBits, value)]
  })
