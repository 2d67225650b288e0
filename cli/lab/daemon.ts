/** Daemons that a lab starts: listening, and ended. */
import { connect } from 'node:net'

const stopTimeoutMs = 3_000

export type Daemon = Bun.Subprocess<'ignore', Bun.BunFile, Bun.BunFile>

/** A socket's file is there a moment before anybody listens. */
export function accepts(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ path })
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}

/** Ends a daemon; with SIGKILL if it does not heed a milder signal. */
export async function end(daemon: Daemon | null, signal: 'SIGTERM' | 'SIGKILL') {
  if (daemon === null || daemon.exitCode !== null) return
  daemon.kill(signal)
  const ended = await Promise.race([
    daemon.exited.then(() => true),
    Bun.sleep(stopTimeoutMs).then(() => false),
  ])
  if (!ended) {
    daemon.kill('SIGKILL')
    await daemon.exited
  }
}
