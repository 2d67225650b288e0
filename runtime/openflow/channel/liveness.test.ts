import { describe, expect, test } from 'bun:test'
import { defaultLimits } from './limits.ts'
import { Liveness } from './liveness.ts'

const limits = { ...defaultLimits, echoIntervalMs: 500, deadMs: 1_500, stallTimeoutMs: 1_000 }
const make = () => new Liveness(limits)
const quiet = (liveness: Liveness, times: number) =>
  Array.from({ length: times }, () => liveness.tick(100, 0, 0, false))

describe('Liveness', () => {
  test('asks once after a silence, cuts after a longer one', () => {
    const verdicts = quiet(make(), 15)
    expect(verdicts.indexOf('ask')).toBe(4)
    expect(verdicts.filter((verdict) => verdict === 'ask').length).toBe(1)
    expect(verdicts.slice(0, 14)).not.toContainEqual(expect.objectContaining({ where: 'echo' }))
    expect(verdicts[14]).toMatchObject({ where: 'echo' })
  })

  test('any byte ends the silence', () => {
    const liveness = make()
    for (let round = 0; round < 10; round++) {
      expect(quiet(liveness, 10)).not.toContainEqual(expect.objectContaining({ where: 'echo' }))
      liveness.heard()
    }
  })

  test('cuts a peer that takes nothing, not one that takes a little', () => {
    const stuck = make()
    const verdicts = Array.from({ length: 11 }, () => stuck.tick(100, 5_000, 77, true))
    expect(verdicts.at(-1)).toMatchObject({ where: 'output' })
    const slow = make()
    for (let sent = 0; sent < 100; sent++)
      expect(slow.tick(100, 5_000, Math.floor(sent / 5), true)).toBe('fine')
  })

  test('does not expect to hear whom it does not read', () => {
    const liveness = make()
    for (let sent = 0; sent < 100; sent++) expect(liveness.tick(100, 5_000, sent, true)).toBe('fine')
  })

  test('a probe shortens the silence that is allowed', () => {
    const liveness = make()
    liveness.probe(300)
    liveness.probe(10_000)
    expect(quiet(liveness, 3)[2]).toMatchObject({ where: 'echo' })
    const answering = make()
    answering.probe(300)
    answering.heard()
    expect(quiet(answering, 4)).toEqual(['fine', 'fine', 'fine', 'fine'])
  })
})
