/** One program at a time works in a state folder: a file names the process that does. */
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { failure, type Result, success } from '../../runtime/problem.ts'
import { processStat } from '../lab/process-stat.ts'

const lockName = 'lock'
/** Locks that were just taken over by others, seen in a row, until we give up. */
const attemptsMax = 10
/** Position of `starttime` behind the name of the process in `/proc/PID/stat` (proc_pid_stat(5)). */
const startTimeIndex = 19

interface Holder {
  readonly pid: number
  /** `host` or `demo`. */
  readonly what: string
  /** Tells the process from a later one with the same number. */
  readonly started: string
}

/** When a process was started, in ticks since boot; undefined: there is no such process, or it has ended. */
const startOf = (pid: number): string | undefined => processStat(pid)?.[startTimeIndex]

/** Who holds the lock and still runs. A file that says nothing readable is nobody's. */
function holderIn(file: string): Holder | undefined {
  try {
    const holder = JSON.parse(readFileSync(file, 'utf8')) as Holder
    return startOf(holder.pid) === holder.started ? holder : undefined
  } catch {
    return undefined
  }
}

/** Moves a dead process's lock away. What another has put there in the meantime is put back. */
function removeStale(file: string): void {
  const aside = `${file}.stale.${process.pid}`
  try {
    renameSync(file, aside)
    if (holderIn(aside) !== undefined) linkSync(aside, file)
  } catch (error) {
    if (!['ENOENT', 'EEXIST'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error
  } finally {
    rmSync(aside, { force: true })
  }
}

/** Whether the lock is ours now. The file appears whole: nobody reads half a lock. */
function take(file: string, holder: Holder): boolean {
  const unfinished = `${file}.${process.pid}`
  try {
    writeFileSync(unfinished, `${JSON.stringify(holder)}\n`)
    linkSync(unfinished, file)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  } finally {
    rmSync(unfinished, { force: true })
  }
}

function acquire(folder: string, what: string): Result<() => void> {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const file = join(folder, lockName)
  const own: Holder = { pid: process.pid, what, started: startOf(process.pid) ?? '' }
  for (let attempt = 0; attempt < attemptsMax; attempt++) {
    if (take(file, own)) return success(() => rmSync(file, { force: true }))
    const holder = holderIn(file)
    if (holder !== undefined)
      return failure({
        what: `a ${holder.what} is running in this state folder, pid ${holder.pid}`,
        where: folder,
        hint: '--state names another.',
      })
    removeStale(file)
  }
  return failure({ what: 'others keep taking this state folder', where: folder })
}

/**
 * Makes the folder and takes it, until the returned function is called. A process that has died, however it died,
 * holds nothing. Fails when another runs in it, or it cannot be written.
 * @param what who takes it, for who comes later: `host`, `demo`
 */
export function lockStateFolder(folder: string, what: string): Result<() => void> {
  try {
    return acquire(folder, what)
  } catch (error) {
    return failure({
      what: 'the state folder cannot be written',
      where: folder,
      received: (error as Error).message,
      hint: 'Make it writable, or name another with --state.',
    })
  }
}

/** Whether a name in a state folder is that of the lock. */
export const isLockFile = (name: string): boolean => name === lockName
