/** Commands to ovs-vswitchd by its control socket, as ovs-appctl(8) gives them: JSON-RPC 1.0, one object each way. */
import { readdirSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { JsonFrames } from '../../ovsdb/json-frames.ts'
import { failure, type Result, success } from '../../problem.ts'

/** What `dpif/show` says of a bridge with many ports is far below it. */
const answerBytesMax = 1024 * 1024

/** Where ovs-vswitchd may listen in its run directory: `ovs-vswitchd.PID.ctl`, also of processes that are gone. */
export function controlSockets(directory: string): string[] {
  try {
    return readdirSync(directory)
      .filter((name) => /vswitchd.*\.ctl$/.test(name))
      .map((name) => join(directory, name))
  } catch {
    return []
  }
}

function resultOf(message: unknown, where: string): Result<string> {
  const { result, error } = message as { result?: unknown; error?: unknown }
  return typeof result === 'string'
    ? success(result)
    : failure({ what: 'ovs-vswitchd refuses', where, received: String(error) })
}

/** Resolves to what the command prints. A failure: nobody listens, it is refused, or no answer comes in time. */
export function control(path: string, method: string, timeoutMs: number): Promise<Result<string>> {
  const where = `${method} at ${path}`
  return new Promise((resolve) => {
    const socket = connect(path)
    const frames = new JsonFrames(answerBytesMax)
    const end = (result: Result<string>) => {
      clearTimeout(timer)
      socket.destroy()
      resolve(result)
    }
    const timer = setTimeout(
      () => end(failure({ what: `no answer within ${timeoutMs} ms`, where })),
      timeoutMs,
    )
    socket.on('error', ({ message }) => end(failure({ what: 'no connection', where, received: message })))
    socket.on('close', () => end(failure({ what: 'closed without an answer', where })))
    socket.on('data', (bytes: Uint8Array) => {
      const read = frames.push(bytes, (message) => end(resultOf(message, where)))
      if (!read.ok) end(read)
    })
    socket.write(JSON.stringify({ id: 0, method, params: [] }))
  })
}
