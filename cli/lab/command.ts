/** Commands that a lab runs to their end. */
import { processStat } from './process-stat.ts'

const running = new Set<Bun.Subprocess>()
const endTimeoutMs = 500
const pollIntervalMs = 1

// What a command is about to make must not come after it was cleared away.
process.on('exit', () => endCommands())

/** Ends the commands that run now, without giving up the thread: for when the process itself ends. */
function endCommands(): void {
  const ending = [...running]
  for (const child of ending) child.kill('SIGKILL')
  const deadline = performance.now() + endTimeoutMs
  while (ending.some(({ pid }) => processStat(pid) !== undefined) && performance.now() < deadline)
    Bun.sleepSync(pollIntervalMs)
}

/**
 * Runs a command to its end. Resolves to its trimmed standard output; throws with its error text. It has a session of
 * its own: Ctrl-C on the terminal is for us alone, who then end it.
 */
export async function runCommand(
  command: readonly string[],
  env: Record<string, string> = {},
  input = '',
): Promise<string> {
  const child = Bun.spawn([...command], {
    env: { ...process.env, ...env },
    stdin: Buffer.from(input),
    stdout: 'pipe',
    stderr: 'pipe',
    detached: true,
  })
  running.add(child)
  try {
    const [output, errors, code] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited])
    if (code !== 0) throw new Error(`${command.join(' ')}: exit ${code}: ${errors.trim() || output.trim()}`)
    return output.trim()
  } finally {
    running.delete(child)
  }
}
