import { afterAll, expect, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { serverAddress } from '../../db/store/url.ts'
import { hostConfigOf, systemOvsdb } from './host-config.ts'

const folder = mkdtempSync(join(tmpdir(), 'vnet-config-'))
afterAll(() => rmSync(folder, { recursive: true }))

test.each([
  [{ db: 'foo' }, 'file:foo'],
  [{ db: '/tmp/plain.db' }, 'file:/tmp/plain.db'],
  [{ db: 'file:' }, 'is no database'],
  [{ db: 'file://other-machine/x.db' }, 'is no database'],
  [{ db: 'ftp://host/x' }, 'is no database'],
  [{ db: `file:${folder}` }, 'names a folder'],
  [{ db: 'file:/nope/x.db' }, '/nope'],
  [{ openflow: ['6653'] }, '--openflow'],
  [{ switch: ['tcp:host'] }, '--switch'],
  [{ ovsdb: ['unix:relative'] }, '--ovsdb'],
  [{ http: '9090' }, '--http'],
  [{ 'tls-key': '/nope' }, '--tls-cert'],
])('%j is refused, and the message says %j', (settings, text) => {
  const config = hostConfigOf(settings)
  expect(config.ok).toBe(false)
  if (!config.ok) expect(JSON.stringify(config.problem)).toContain(text)
})

test.each([`file:${folder}/x.db`, `file://${folder}/x.db`, 'http://127.0.0.1:8080', 'libsql://db.example'])(
  '%j can be a database',
  (db) => {
    const config = hostConfigOf({ db })
    expect(config.ok && config.value.database).toBe(db)
  },
)

test('the token of the server is in its URL, or is given apart', () => {
  const tokenOf = (db: string) => {
    const config = hostConfigOf({ db, 'db-token': 'a+b' })
    return config.ok ? serverAddress(config.value.database, undefined)?.authToken : undefined
  }
  expect(tokenOf('http://127.0.0.1:8080')).toBe('a+b')
  expect(tokenOf('libsql://db.example?tls=0')).toBe('a+b')
  expect(tokenOf('http://127.0.0.1:8080?authToken=mine')).toBe('mine')
  expect(tokenOf(`file:${folder}/x.db`)).toBeUndefined()
})

test('without --db it is a file in the state folder', () => {
  const config = hostConfigOf({ state: '/nope' })
  expect(config.ok && config.value.database).toBe('file:/nope/vnet.db')
})

test("without --ovsdb it is the system's, there already or not", () => {
  const config = hostConfigOf({ state: '/nope' })
  expect(config.ok && config.value.ovsdb).toEqual([`unix:${systemOvsdb()}`])
})

test('OVS_RUNDIR says where Open vSwitch is', () => {
  expect(systemOvsdb({})).toBe('/var/run/openvswitch/db.sock')
  expect(systemOvsdb({ OVS_RUNDIR: '/run/mine' })).toBe('/run/mine/db.sock')
})
