import { expect, test } from 'bun:test'
import { labsOnDatabases, testsOnDatabases } from './on-databases.ts'

const files = testsOnDatabases()

test.each([
  ['a store', 'db/store/store.test.ts'],
  ['the API', 'functions/api/batch.test.ts'],
  ['a host as a process', 'tests/lab/dhcp.lab.test.ts'],
  ['a lab that only a server has', 'tests/lab/versions.lab.test.ts'],
  ['a program that is started', 'db/crash.test.ts'],
  ['a server of its own', 'tests/chaos/hanging-database.test.ts'],
])('%s is tested on each database', (_, file) => {
  expect(files).toContain(file)
})

test('what touches none is tested once', () => {
  expect(files).not.toContain('runtime/wire/codec.test.ts')
  expect(files).not.toContain('functions/flows/random.test.ts')
  expect(files).not.toContain('tests/lab/segments.lab.test.ts')
  expect(files).not.toContain('runtime/openflow/channel/open-vswitch.lab.test.ts')
})

test('every lab that is named is there', () => {
  expect(labsOnDatabases.filter((file) => !files.includes(file))).toEqual([])
})
