import { afterEach, beforeEach, expect, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Connection, type SqlParameter } from './libsql.ts'
import { countParameters, splitMigration } from './sql-text.ts'

let folder: string
let connection: Connection
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vnet-libsql-'))
  connection = new Connection(join(folder, 'vnet.db'))
})
afterEach(() => {
  connection.close()
  rmSync(folder, { recursive: true })
})

test('the settings that durability and integrity rest on', () => {
  expect(connection.value('PRAGMA journal_mode')).toBe('wal')
  expect(connection.value('PRAGMA synchronous')).toBe(2)
  expect(connection.value('PRAGMA foreign_keys')).toBe(1)
  expect(connection.value('PRAGMA busy_timeout')).toBe(2000)
})

test('values go in and come out: booleans as 0 and 1, bytes, nulls, great integers', () => {
  connection.exec('CREATE TABLE t (a INTEGER, b TEXT, c BLOB, d)')
  connection.all('INSERT INTO t VALUES (?, ?, ?, ?)', [true, 'x', new Uint8Array([1, 2]), null])
  connection.all('INSERT INTO t VALUES (?, ?, ?, ?)', [2 ** 53 - 1, '', null, 1.5])
  expect(connection.all('SELECT a, b, d FROM t')).toEqual([
    [1, 'x', null],
    [2 ** 53 - 1, '', 1.5],
  ])
  expect(Buffer.from(connection.value('SELECT c FROM t') as Uint8Array)).toEqual(Buffer.from([1, 2]))
  expect(connection.all('INSERT INTO t (a) VALUES (?) RETURNING a', [false])).toEqual([[0]])
  expect(connection.all('SELECT ?', [new Uint8Array([7])]).length).toBe(1)
  expect(connection.value('SELECT ?', [null])).toBeNull()
})

test('what libsql would misread or die of is an error before it gets there', () => {
  const wrong: unknown[] = [
    Number.NaN,
    Number.POSITIVE_INFINITY,
    2 ** 60,
    'a\0b',
    undefined,
    {},
    [],
    new Date(),
    () => 1,
    Symbol('s'),
  ]
  for (const value of wrong)
    expect(() => connection.all('SELECT ?', [value as SqlParameter])).toThrow(TypeError)
  expect(() => connection.all('SELECT ?, ?', [1])).toThrow('2 parameters, 1 were given')
  expect(() => connection.all('SELECT ?', [1, 2])).toThrow('1 parameters, 2 were given')
})

test('errors carry the name of their code', () => {
  connection.exec('CREATE TABLE t (a UNIQUE)')
  connection.all('INSERT INTO t VALUES (?)', [1])
  expect(() => connection.all('INSERT INTO t VALUES (?)', [1])).toThrow(
    expect.objectContaining({ code: 'SQLITE_CONSTRAINT_UNIQUE' }),
  )
  expect(() => connection.all('SELEC 1')).toThrow(expect.objectContaining({ code: 'SQLITE_ERROR' }))
  expect(() => connection.exec('SELEC 1')).toThrow(expect.objectContaining({ code: 'SQLITE_ERROR' }))
})

test('a closed connection is an error, not the end of the process', () => {
  connection.close()
  connection.close()
  expect(() => connection.all('SELECT 1')).toThrow('closed')
  expect(() => connection.exec('SELECT 1')).toThrow('closed')
})

test('parameters are counted outside of text, names and comments', () => {
  expect(countParameters(`SELECT ?, '?', "?", \`?\`, 'it''s ?' -- ?\n /* ? */ + ?`)).toBe(2)
  expect(
    splitMigration(
      'CREATE TABLE a (b);--> statement-breakpoint\n-- nothing\n--> statement-breakpoint\nSELECT 1',
    ),
  ).toEqual(['CREATE TABLE a (b);', 'SELECT 1'])
})
