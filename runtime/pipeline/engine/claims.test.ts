import { describe, expect, test } from 'bun:test'
import type { Piece } from '../canonical/piece.ts'
import type { Unit } from '../flow.ts'
import { Claims } from './claims.ts'

const unitOf = (objectId: number): Unit => ({ feature: 'port', datapathId: 1, objectId })
const [a, b, c] = [unitOf(1), unitOf(2), unitOf(3)]
const piece = (unit: Unit, key: string, body: string): Piece => ({ unit, key, body, text: key })
const bodies = (claims: Claims<Piece>) => [...claims.held].map(([key, { body }]) => `${key}=${body}`).sort()

describe('claims', () => {
  test('settle tells what was added, changed and removed', () => {
    const claims = new Claims<Piece>()
    const first = claims.replace([], [piece(a, 'x', '1'), piece(a, 'y', '1'), piece(a, 'z', '1')])
    expect(claims.settle().added).toHaveLength(3)
    claims.replace(first, [piece(a, 'x', '1'), piece(a, 'y', '2'), piece(a, 'w', '1')])
    const delta = claims.settle()
    expect(delta.added.map(({ key }) => key)).toEqual(['w'])
    expect(delta.changed.map(({ key, body }) => `${key}=${body}`)).toEqual(['y=2'])
    expect(delta.removed.map(({ key }) => key)).toEqual(['z'])
    expect(bodies(claims)).toEqual(['w=1', 'x=1', 'y=2'])
  })

  test('what did not change stays the same object', () => {
    const claims = new Claims<Piece>()
    const first = claims.replace([], [piece(a, 'x', '1')])
    expect(claims.replace(first, [piece(a, 'x', '1')])[0]).toBe(first[0]!)
  })

  test('what goes and comes back between two settles is no difference', () => {
    const claims = new Claims<Piece>()
    const first = claims.replace([], [piece(a, 'x', '1')])
    claims.settle()
    claims.replace(first, [])
    claims.replace([], [piece(b, 'x', '1')])
    const delta = claims.settle()
    expect([delta.added, delta.changed, delta.removed]).toEqual([[], [], []])
    expect(claims.held.get('x')?.unit).toBe(b)
  })

  test('the first stays, and the one that waits follows when it goes', () => {
    const claims = new Claims<Piece>()
    const first = claims.replace([], [piece(a, 'x', 'a')])
    claims.settle()
    claims.replace([], [piece(b, 'x', 'b')])
    claims.replace([], [piece(c, 'x', 'c')])
    expect(claims.takeConflicts().map(({ holder, refused }) => [holder.body, refused.body])).toEqual([
      ['a', 'b'],
      ['a', 'c'],
    ])
    expect(claims.settle().changed).toEqual([])
    const again = claims.replace(first, [piece(a, 'x', 'a2')])
    expect(claims.settle().changed.map(({ body }) => body)).toEqual(['a2'])
    claims.replace(again, [])
    expect(claims.settle().changed.map(({ body }) => body)).toEqual(['b'])
    expect(bodies(claims)).toEqual(['x=b'])
  })

  test('one that waits can change and give up', () => {
    const claims = new Claims<Piece>()
    const first = claims.replace([], [piece(a, 'x', 'a')])
    const waiting = claims.replace([], [piece(b, 'x', 'b')])
    const later = claims.replace(waiting, [piece(b, 'x', 'b2')])
    expect(bodies(claims)).toEqual(['x=a'])
    claims.replace(later, [])
    claims.replace(first, [])
    expect(bodies(claims)).toEqual([])
  })

  test('changing hands within one change is no conflict, in either order', () => {
    const claims = new Claims<Piece>()
    const first = claims.replace([], [piece(a, 'x', '1')])
    claims.settle()
    claims.replace([], [piece(b, 'x', '2')])
    claims.replace(first, [])
    expect(claims.settle().changed.map(({ body }) => body)).toEqual(['2'])
    expect(claims.takeConflicts()).toEqual([])
  })

  test('a unit that gives the same thing twice is told of, and its first stays', () => {
    const claims = new Claims<Piece>()
    claims.replace([], [piece(a, 'x', '1'), piece(a, 'x', '2')])
    expect(bodies(claims)).toEqual(['x=1'])
    expect(claims.takeConflicts()).toHaveLength(1)
  })
})
