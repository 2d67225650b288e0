import { afterEach, expect, test } from 'bun:test'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { eventually } from '../lab/eventually.ts'
import { removeLeftBehind } from '../lab/left-behind.ts'
import { lockStateFolder } from './state-lock.ts'

const module = resolve(import.meta.dir, 'state-lock.ts')
const folders: string[] = []
const newFolder = () => {
  const folder = mkdtempSync(join(tmpdir(), 'vnet-lock-'))
  folders.push(folder)
  return folder
}
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

/** A process that takes the folder and keeps it. */
async function holder(folder: string) {
  const program = `
    const { lockStateFolder } = await import(${JSON.stringify(module)})
    console.log(JSON.stringify(lockStateFolder(${JSON.stringify(folder)}, 'demo')))
    setInterval(() => {}, 1_000)`
  const child = Bun.spawn([process.execPath, '-e', program], { stdout: 'pipe', stderr: 'inherit' })
  const { value } = await child.stdout.getReader().read()
  return { child, said: new TextDecoder().decode(value) }
}

test('who comes second is told who is there; after kill -9 the folder is free', async () => {
  const folder = newFolder()
  const { child, said } = await holder(folder)
  try {
    expect(said).toContain('"ok":true')
    const refused = lockStateFolder(folder, 'host')
    expect(refused).toMatchObject({ ok: false, problem: { where: folder } })
    if (!refused.ok) {
      expect(refused.problem.what).toBe(`a demo is running in this state folder, pid ${child.pid}`)
      expect(refused.problem.hint).toContain('--state')
    }
  } finally {
    child.kill('SIGKILL')
    await child.exited
  }
  const taken = lockStateFolder(folder, 'host')
  expect(taken.ok).toBe(true)
  expect(lockStateFolder(folder, 'host').ok).toBe(false)
  if (taken.ok) taken.value()
  expect(readdirSync(folder)).toEqual([])
})

test('a process that has ended holds nothing, although nobody has asked for its exit code', async () => {
  const folder = newFolder()
  // The shell becomes a program that never asks for the exit code of its child.
  const script = 'sleep 60 & echo $!; exec sleep 60'
  const parent = Bun.spawn(['sh', '-c', script], { stdout: 'pipe' })
  try {
    const { value } = await parent.stdout.getReader().read()
    const pid = Number(new TextDecoder().decode(value))
    const stat = (of = pid) => readFileSync(`/proc/${of}/stat`, 'utf8').split(' ')
    await eventually('the shell to be another program', () => stat(parent.pid)[1] === '(sleep)')
    process.kill(pid, 'SIGKILL')
    await eventually('the child to end', () => stat()[2] === 'Z')
    writeFileSync(join(folder, 'lock'), JSON.stringify({ pid, what: 'host', started: stat()[21] }))
    expect(lockStateFolder(folder, 'host').ok).toBe(true)

    const left = join(folder, `zombie-${pid}-x`)
    writeFileSync(left, '')
    removeLeftBehind('zombie-', folder)
    expect(existsSync(left)).toBe(false)
  } finally {
    parent.kill('SIGKILL')
    await parent.exited
  }
})

test.each(['', 'nonsense', JSON.stringify({ pid: process.pid, what: 'host', started: '1' })])(
  'a lock file that says %p is nobody’s',
  (text) => {
    const folder = newFolder()
    writeFileSync(join(folder, 'lock'), text)
    const taken = lockStateFolder(folder, 'host')
    expect(taken.ok).toBe(true)
    if (taken.ok) taken.value()
    expect(existsSync(join(folder, 'lock'))).toBe(false)
  },
)

test('of many at once one gets it', async () => {
  const folder = newFolder()
  writeFileSync(join(folder, 'lock'), 'stale')
  const all = await Promise.all(Array.from({ length: 6 }, () => holder(folder)))
  for (const { child } of all) child.kill('SIGKILL')
  await Promise.all(all.map(({ child }) => child.exited))
  expect(all.filter(({ said }) => said.includes('"ok":true')).length).toBe(1)
})

test('a folder that cannot be is one line that names --state', () => {
  const file = join(newFolder(), 'file')
  writeFileSync(file, '')
  const refused = lockStateFolder(join(file, 'state'), 'host')
  expect(refused.ok).toBe(false)
  if (!refused.ok) expect(refused.problem.hint).toContain('--state')
})
