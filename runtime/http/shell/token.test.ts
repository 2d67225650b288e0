import { afterAll, beforeAll, expect, test } from 'bun:test'
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ensureToken, readToken, tokenFile } from './token.ts'

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'vnet-token-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const mode = (path: string) => statSync(path).mode & 0o777

test('a token is made once, for its owner only', () => {
  const state = join(folder, 'a', 'state')
  const made = ensureToken(state)
  expect(made.ok).toBe(true)
  if (!made.ok) return
  expect(made.value.length).toBeGreaterThanOrEqual(32)
  expect(mode(tokenFile(state))).toBe(0o600)
  expect(ensureToken(state)).toEqual(made)
  expect(readToken(state)).toBe(made.value)
})

test('a token that others could read is closed to them', () => {
  const state = join(folder, 'b')
  ensureToken(state)
  chmodSync(tokenFile(state), 0o644)
  ensureToken(state)
  expect(mode(tokenFile(state))).toBe(0o600)
})

test('a damaged token is replaced', () => {
  const state = join(folder, 'c')
  ensureToken(state)
  writeFileSync(tokenFile(state), '')
  expect(readToken(state)).toBeUndefined()
  expect(ensureToken(state).ok).toBe(true)
  expect(readFileSync(tokenFile(state), 'utf8').trim().length).toBeGreaterThanOrEqual(32)
})

test('where no token can be kept, the problem says so', () => {
  writeFileSync(join(folder, 'file'), '')
  const result = ensureToken(join(folder, 'file', 'state'))
  expect(result.ok).toBe(false)
  if (!result.ok) expect(result.problem.hint).toContain('--state')
})
