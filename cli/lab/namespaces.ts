/** Commands inside network namespaces. */
import { runCommand } from './command.ts'

/** Runs a command inside a namespace. Resolves to its trimmed output; throws with its error text. */
export const inNamespace = (netns: string, ...command: string[]) =>
  runCommand(['ip', 'netns', 'exec', netns, ...command])

/** Runs several `ip` commands inside a namespace with one process; the first that fails ends it. */
export async function ipBatch(netns: string, commands: readonly string[]): Promise<void> {
  if (commands.length === 0) return
  const child = Bun.spawn(['ip', '-netns', netns, '-batch', '-'], {
    stdin: 'pipe',
    stdout: 'pipe',
    stderr: 'pipe',
  })
  child.stdin.write(`${commands.join('\n')}\n`)
  child.stdin.end()
  const [errors, code] = await Promise.all([child.stderr.text(), child.exited])
  if (code !== 0) throw new Error(`ip in ${netns}: ${errors.trim()}: ${commands.join('; ')}`)
}
