import { describe, expect, test } from 'bun:test'
import { FlowPiece } from '../canonical/flow-piece.ts'
import { randomFlow, seeded } from '../canonical/testing-random-flow.ts'
import { type SwitchFlow, switchFlows, switchGroups, switchMeters } from './switch-tables.ts'
import { entryOf } from './testing.ts'

const unit = { feature: 'random', datapathId: 1, objectId: 1 }
const pieces = (seed: number, count: number) => {
  const below = seeded(seed)
  return Array.from({ length: count }, () => new FlowPiece(unit, randomFlow(below)))
}

const replyOf = (flows: readonly SwitchFlow[]): Uint8Array => {
  const parts = flows.map(({ bytes, start, end }) => bytes.subarray(start, end))
  return Uint8Array.from([
    4,
    19,
    0,
    0,
    0,
    0,
    0,
    1,
    0,
    1,
    0,
    0,
    0,
    0,
    0,
    0,
    ...parts.flatMap((part) => [...part]),
  ])
}

describe('flow descriptions', () => {
  test('are the flows that they describe', () => {
    const sent = pieces(11, 300)
    const read = [...switchFlows([replyOf(sent.map(({ bytes }) => entryOf(bytes)))])]
    expect(read.map(({ key }) => key)).toEqual(sent.map(({ key }) => key))
    expect(read.map(({ body }) => body)).toEqual(sent.map(({ body }) => body))
  })

  test('whatever bytes come, reading them ends and does not throw', () => {
    const below = seeded(5)
    const good = replyOf(pieces(12, 40).map(({ bytes }) => entryOf(bytes)))
    for (let round = 0; round < 300; round++) {
      const bytes = good.slice(0, below(2) ? good.length : below(good.length))
      for (let i = below(12); i >= 0; i--) bytes[below(bytes.length)] = below(3) ? below(256) : 255 * below(2)
      for (const flow of switchFlows([bytes]))
        expect([typeof (flow.key + flow.body), typeof flow.flow]).toContain('string')
      for (const one of [...switchGroups([bytes]), ...switchMeters([bytes])]) expect(one.key).toMatch(/^\d+$/)
    }
  })

  test('random bytes too', () => {
    const below = seeded(6)
    for (let round = 0; round < 2_000; round++) {
      const bytes = Uint8Array.from({ length: below(400) }, () => (below(4) ? below(256) : 0))
      for (const flow of switchFlows([bytes])) expect(typeof (flow.key + flow.body)).toBe('string')
      expect([...switchGroups([bytes]), ...switchMeters([bytes])].length).toBeLessThan(400)
    }
  })
})
