/** The path of a unix socket that we listen on: what an earlier run of ours left there goes, what others use stays. */
import { lstatSync, unlinkSync } from 'node:fs'
import { failure, type Problem, type Result, success } from '../../problem.ts'

const probeTimeoutMs = 1_000

/** Makes the path free, or says why it is not: another process answers there, or it is not a socket. */
export async function freeUnixPath(path: string): Promise<Result<void>> {
  const found = lstatSync(path, { throwIfNoEntry: false })
  if (found === undefined) return success(undefined)
  if (!found.isSocket()) {
    return failure({
      what: 'there is something else',
      where: `--openflow unix:${path}`,
      expected: 'no file, or a socket that nobody listens on',
    })
  }
  if (await answers(path)) return failure(taken(path))
  const now = lstatSync(path, { throwIfNoEntry: false })
  // Replaced while we asked: somebody else is starting there.
  if (now !== undefined && now.ino !== found.ino) return failure(taken(path))
  if (now !== undefined) unlinkSync(path)
  return success(undefined)
}

const taken = (path: string): Problem => ({
  what: 'is in use by another program',
  where: `--openflow unix:${path}`,
  hint: 'Choose another with --openflow.',
})

/** Whether somebody accepts there. Only a refused connection says that nobody does; in doubt it is in use. */
async function answers(path: string): Promise<boolean> {
  const asked = Bun.connect({
    unix: path,
    socket: { open: (socket) => socket.terminate(), data() {}, connectError() {} },
  })
  const answer = asked.then(
    () => true,
    (error: { code?: string }) => error.code !== 'ECONNREFUSED',
  )
  return Promise.race([answer, Bun.sleep(probeTimeoutMs).then(() => true)])
}
