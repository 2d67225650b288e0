/** Runs a command to its end. Resolves to its trimmed standard output; throws with its error text. */
export async function runCommand(
  command: readonly string[],
  env: Record<string, string> = {},
): Promise<string> {
  const child = Bun.spawn([...command], {
    env: { ...process.env, ...env },
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'pipe',
  })
  const [output, errors, code] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited])
  if (code !== 0) throw new Error(`${command.join(' ')}: exit ${code}: ${errors.trim() || output.trim()}`)
  return output.trim()
}
