/** What the kernel says of a process. */
import { readFileSync } from 'node:fs'

/**
 * The fields of `/proc/PID/stat` behind the name, the state first (proc_pid_stat(5)); undefined: it does not run. Z and
 * X have ended: such a process only waits for somebody to ask for its exit code, which may never happen.
 */
export function processStat(pid: number | string): readonly string[] | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The name of the process is in parentheses, and may hold some itself.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields
  } catch {
    return undefined
  }
}
