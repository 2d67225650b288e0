import { expect, test } from 'bun:test'
import { Repeats } from './log-repeats.ts'

test('what happens a thousand times is said twice: at once, and how often it came again', async () => {
  const repeats = new Repeats(20)
  const said: string[] = []
  for (let n = 1; n <= 1_000; n++) repeats.tell('a', (times) => void said.push(`${n} ${times}`))
  expect(said).toEqual(['1 1'])
  await Bun.sleep(100)
  expect(said).toEqual(['1 1', '1000 999'])
  repeats.tell('a', (times) => void said.push(`later ${times}`))
  expect(said.at(-1)).toBe('later 1')
})

test('kinds are told apart', () => {
  const repeats = new Repeats()
  const said: string[] = []
  for (const kind of ['a', 'b', 'a']) repeats.tell(kind, () => void said.push(kind))
  expect(said).toEqual(['a', 'b'])
})
