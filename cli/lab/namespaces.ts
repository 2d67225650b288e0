/** Commands inside network namespaces. */
import { runCommand } from './command.ts'

/** Runs a command inside a namespace. Resolves to its trimmed output; throws with its error text. */
export const inNamespace = (netns: string, ...command: string[]) =>
  runCommand(['ip', 'netns', 'exec', netns, ...command])

/** Runs several `ip` commands inside a namespace with one process; the first that fails ends it. */
export async function ipBatch(netns: string, commands: readonly string[]): Promise<void> {
  if (commands.length === 0) return
  await runCommand(['ip', '-netns', netns, '-batch', '-'], {}, `${commands.join('\n')}\n`).catch(
    (error: Error) => {
      throw new Error(`${error.message}: ${commands.join('; ')}`)
    },
  )
}

/** Removes namespaces without giving up the thread, those that are there: for when the process ends. */
export function removeNamespaces(names: readonly string[]): void {
  if (names.length === 0) return
  const commands = names.map((netns) => `netns del ${netns}\n`).join('')
  // In a session of its own: an impatient Ctrl-C is not for it.
  Bun.spawnSync(['setsid', '--wait', 'ip', '-force', '-batch', '-'], { stdin: Buffer.from(commands) })
}
