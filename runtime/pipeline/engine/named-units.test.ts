import { expect, test } from 'bun:test'
import { changesOf, type NamedUnits, unitsNamed } from './named-units.ts'

const datapathId = 1
const unit = (feature: string, objectId: number) => ({ feature, datapathId, objectId })
const ports = (...objectIds: number[]): NamedUnits => ({
  children: [unit('base', 1)],
  lists: [{ feature: 'port', objectIds }],
})
const changes = (before: NamedUnits, after: NamedUnits) => changesOf(before, after, datapathId)

test('what is named is told one by one', () => {
  expect([...unitsNamed(ports(5, 6), datapathId)]).toEqual([
    unit('base', 1),
    unit('port', 5),
    unit('port', 6),
  ])
})

test('what came and went at the end, at the beginning and in between', () => {
  expect(changes(ports(1, 2), ports(1, 2, 3))).toEqual({ added: [unit('port', 3)], removed: [] })
  expect(changes(ports(1, 2, 3), ports(2, 3))).toEqual({ added: [], removed: [unit('port', 1)] })
  expect(changes(ports(1, 2, 3), ports(1, 4, 3))).toEqual({
    added: [unit('port', 4)],
    removed: [unit('port', 2)],
  })
  expect(changes(ports(1, 2, 3), ports(1, 2, 3))).toEqual({ added: [], removed: [] })
  expect(changes(ports(), ports(7))).toEqual({ added: [unit('port', 7)], removed: [] })
})

test('what is still named elsewhere has not gone', () => {
  expect(changes(ports(1, 2, 2), ports(1, 2))?.removed).toEqual([])
  const twice = (...objectIds: number[]): NamedUnits => ({
    ...ports(...objectIds),
    children: [unit('port', 1)],
  })
  expect(changes(twice(1, 2), twice(2))?.removed).toEqual([])
})

test('where other units are named, or much differs, all is to be gone through', () => {
  expect(changes(ports(1), { ...ports(1), children: [] })).toBeUndefined()
  expect(changes(ports(1), { ...ports(1), lists: [{ feature: 'member', objectIds: [1] }] })).toBeUndefined()
  expect(changes(ports(), ports(...Array(1_000).keys()))).toBeUndefined()
})
