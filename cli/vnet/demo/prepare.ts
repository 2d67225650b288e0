/** What is to be so before a demo can start. */
import { readdirSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { failure, type Result, success } from '../../../runtime/problem.ts'
import { isLockFile, lockStateFolder } from '../state-lock.ts'

/** What the lab is made with. */
const tools = ['ip', 'ethtool', 'setpriv', 'ping', 'udhcpc']
const openVswitchTools = ['ovsdb-tool', 'ovsdb-server', 'ovs-vswitchd', 'ovs-vsctl']

/** Fails where this machine lacks something that the lab is made with. */
export function checkTools(): Result<void> {
  const missing = [...tools, ...openVswitchTools].filter((tool) => Bun.which(tool) === null)
  if (missing.length === 0) return success(undefined)
  return failure({
    what: `this machine has no ${missing.join(', ')}`,
    where: 'the lab',
    hint: `${resolve(import.meta.dir, '../../../bin/setup')} installs what is missing.`,
  })
}

/** Takes the demo's state folder, until the returned function is called, and empties it. */
export function prepareFolder(folder: string): Result<() => void> {
  const lock = lockStateFolder(folder, 'demo')
  if (!lock.ok) return lock
  for (const name of readdirSync(folder))
    if (!isLockFile(name)) rmSync(join(folder, name), { recursive: true, force: true })
  return lock
}
