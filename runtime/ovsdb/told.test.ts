import { expect, test } from 'bun:test'
import { ToldEach } from './told.ts'

test('each is told once, whatever comes and goes beside it, and again when it was gone', () => {
  const told: string[] = []
  const each = new ToldEach<string>((one) => void told.push(one))
  for (const all of [['a'], ['a', 'b'], ['b'], ['b'], ['b', 'a']]) each.say(all)
  expect(told).toEqual(['a', 'b', 'a'])
})
