import { expect, test } from 'bun:test'
import { portNameOf } from './port-name.ts'

test.each([
  ['tap0', 'tap0'],
  ['größe😀', 'größe😀'],
  ['a\udc80', 'a\\x80'],
  ['a\udc81\udcff', 'a\\x81\\xff'],
])('the name %j is stored as %j', (name, stored) => {
  expect(portNameOf(name)).toBe(stored)
  expect(Buffer.from(portNameOf(name)).toString()).toBe(stored)
})
