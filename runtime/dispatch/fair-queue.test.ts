import { expect, test } from 'bun:test'
import { FairQueue } from './fair-queue.ts'
import { packetLimits } from './limits.ts'

/** A message that says which port it is of, and its number there. */
const message = (port: number, number: number, length = 100) => {
  const bytes = new Uint8Array(length)
  new DataView(bytes.buffer).setUint32(0, port)
  new DataView(bytes.buffer).setUint32(4, number)
  return bytes
}
const read = (bytes: Uint8Array) => {
  const view = new DataView(bytes.buffer)
  return { port: view.getUint32(0), number: view.getUint32(4) }
}
function* drain(queue: FairQueue) {
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) yield read(next)
}

test('ports take turns, by bytes, and each keeps its order', () => {
  const queue = new FairQueue()
  for (let number = 0; number < 200; number++) queue.push(1, message(1, number, 100))
  for (let number = 0; number < 200; number++) queue.push(2, message(2, number, 200))
  const order = [...drain(queue)]
  const numbers = (port: number) => order.filter((one) => one.port === port).map(({ number }) => number)
  expect(numbers(1)).toEqual(Array.from({ length: 200 }, (_, at) => at))
  expect(numbers(2)).toEqual(Array.from({ length: 200 }, (_, at) => at))
  const early = order.slice(0, 150)
  const share = early.filter(({ port }) => port === 1).length / early.length
  expect(share).toBeGreaterThan(0.55)
  expect(share).toBeLessThan(0.75)
  expect([queue.length, queue.bytes]).toEqual([0, 0])
})

test('a message larger than a turn gets its turn in the end', () => {
  const queue = new FairQueue()
  queue.push(1, message(1, 0, packetLimits.quantumBytes * 5))
  queue.push(2, message(2, 0))
  expect([...drain(queue)].length).toBe(2)
})

test('when it is full the oldest of the noisiest goes, whoever pushes', () => {
  const queue = new FairQueue()
  for (let number = 0; number < 10; number++) queue.push(2, message(2, number))
  let shed: { port: number; number: number }[] = []
  for (let number = 0; number < packetLimits.backlogMax + 90; number++)
    shed = shed.concat(queue.push(1, message(1, number)).map(read))
  shed = shed.concat(queue.push(3, message(3, 0)).map(read))
  expect(shed).toEqual(Array.from({ length: 101 }, (_, number) => ({ port: 1, number })))
  expect(queue.length).toBe(packetLimits.backlogMax)
  const left = [...drain(queue)]
  expect(left.filter(({ port }) => port !== 1).length).toBe(11)
})

test('bytes are bounded too', () => {
  const queue = new FairQueue()
  for (let number = 0; number < 200; number++) queue.push(number % 3, message(number % 3, number, 60_000))
  expect(queue.bytes).toBeLessThanOrEqual(packetLimits.backlogBytesMax)
})

test('a flood over a thousand ports costs little a message', () => {
  const queue = new FairQueue()
  const began = performance.now()
  for (let number = 0; number < 200_000; number++) queue.push(number % 1_000, message(0, number))
  expect(queue.length).toBe(packetLimits.backlogMax)
  expect(performance.now() - began).toBeLessThan(5_000)
})
