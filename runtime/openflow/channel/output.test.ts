import { describe, expect, test } from 'bun:test'
import { Output } from './output.ts'

/** A socket that takes `room` bytes. */
function slowSocket() {
  const taken: number[] = []
  const socket = { room: 0, writes: 0 }
  const write = (bytes: Uint8Array, offset: number, length: number) => {
    socket.writes++
    const count = Math.min(length, socket.room)
    socket.room -= count
    for (const byte of bytes.subarray(offset, offset + count)) taken.push(byte)
    return count
  }
  return { socket, taken, write }
}

describe('Output', () => {
  test('sends everything in one write', () => {
    const { socket, taken, write } = slowSocket()
    const output = new Output(write, 1_000)
    output.append(Uint8Array.of(1, 2, 3))
    output.append(Uint8Array.of(9, 4, 5, 9), 1, 3)
    socket.room = 100
    expect(output.flush()).toBe(5)
    expect(taken).toEqual([1, 2, 3, 4, 5])
    expect(socket.writes).toBe(1)
    expect(output.flush()).toBe(0)
    expect(socket.writes).toBe(1)
  })

  test('keeps what the socket does not take, in order, while more comes', () => {
    const { socket, taken, write } = slowSocket()
    const output = new Output(write, 1 << 20)
    const expected: number[] = []
    for (let round = 0; round < 5_000; round++) {
      const bytes = Uint8Array.from({ length: (round * 7) % 50 }, (_, index) => (round + index) & 0xff)
      expected.push(...bytes)
      expect(output.append(bytes)).toBe(true)
      socket.room = (round * 13) % 40
      output.flush()
    }
    socket.room = 1 << 20
    output.flush()
    expect(output.pending).toBe(0)
    expect(taken).toEqual(expected)
    expect(output.sentBytes).toBe(expected.length)
  })

  test('refuses, whole, what would go beyond its limit', () => {
    const { write } = slowSocket()
    const output = new Output(write, 10)
    expect(output.append(new Uint8Array(8))).toBe(true)
    expect(output.append(new Uint8Array(3))).toBe(false)
    expect(output.reserve(3)).toBe(-1)
    expect(output.pending).toBe(8)
    expect(output.append(new Uint8Array(2))).toBe(true)
  })

  test('gives room to be filled in place', () => {
    const { socket, taken, write } = slowSocket()
    const output = new Output(write, 1_000)
    const at = output.reserve(2)
    output.bytes[at] = 7
    output.bytes[at + 1] = 8
    socket.room = 10
    output.flush()
    expect(taken).toEqual([7, 8])
  })

  test('does not keep a large buffer that is empty', () => {
    const { socket, write } = slowSocket()
    const output = new Output(write, 8 << 20)
    output.append(new Uint8Array(4 << 20))
    socket.room = 8 << 20
    output.flush()
    expect(output.bytes.length).toBe(0)
  })

  test('a closed socket takes nothing', () => {
    const output = new Output(() => -1, 100)
    output.append(Uint8Array.of(1))
    expect(output.flush()).toBe(0)
    expect(output.pending).toBe(1)
    output.clear()
    expect(output.pending).toBe(0)
  })
})
