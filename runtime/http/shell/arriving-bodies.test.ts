import { expect, test } from 'bun:test'
import { ArrivingBodies } from './arriving-bodies.ts'

function begin(bodies: ArrivingBodies, stopped: string[], name: string) {
  return bodies.begin(() => void stopped.push(name))
}

test('the one of which nothing came for the longest makes room, in number and in bytes', () => {
  const bodies = new ArrivingBodies(2, 100)
  const stopped: string[] = []
  const first = begin(bodies, stopped, 'first')
  const second = begin(bodies, stopped, 'second')
  bodies.grow(first, 10)
  const third = begin(bodies, stopped, 'third')
  expect([stopped, second.displaced, first.displaced, bodies.count]).toEqual([['second'], true, false, 2])
  bodies.grow(second, 1_000)
  expect(stopped).toEqual(['second'])
  bodies.grow(third, 95)
  expect(stopped).toEqual(['second', 'first'])
  bodies.grow(third, 10)
  expect([stopped, bodies.count]).toEqual([['second', 'first', 'third'], 0])
})

test('what has arrived holds nothing', () => {
  const bodies = new ArrivingBodies(2, 100)
  const stopped: string[] = []
  for (let n = 0; n < 10; n++) {
    const arrival = begin(bodies, stopped, `${n}`)
    bodies.grow(arrival, 90)
    bodies.end(arrival)
  }
  expect([stopped, bodies.count]).toEqual([[], 0])
})
