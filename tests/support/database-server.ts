/** A libSQL server in a network namespace of a lab: one that hypervisors reach over their physical network. */
import { mkdtempSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { serverBinary } from '../../db/testing/server.ts'
import type { FetchRequest } from './fetch.ts'
import { eventually, runCommand } from './open-vswitch.ts'

const port = 8080
const fetchProgram = resolve(import.meta.dir, 'fetch.ts')

export interface DatabaseServer {
  readonly url: string
  /** SIGKILL. */
  kill(): Promise<void>
  /** Starts it, or starts it again on the same data. */
  start(): Promise<void>
  /** Ends it and removes its data. */
  remove(): Promise<void>
}

/** Starts a server at an address that the namespace has. */
export async function startDatabaseServer(netns: string, address: string): Promise<DatabaseServer> {
  const folder = mkdtempSync(`/tmp/ovt-${process.pid}-db-`)
  let child: Bun.Subprocess | undefined
  const server: DatabaseServer = {
    url: `http://${address}:${port}`,
    async start() {
      child = Bun.spawn(
        [
          ...['setpriv', '--pdeathsig', 'KILL', 'ip', 'netns', 'exec', netns],
          ...[serverBinary(), '--no-welcome', '-d', join(folder, 'data')],
          ...['--http-listen-addr', `${address}:${port}`],
        ],
        { stdio: ['ignore', 'ignore', 'ignore'] },
      )
      const started = child
      await eventually('the database server to listen', () => {
        if (started.exitCode !== null) throw new Error(`the database server ended with ${started.exitCode}`)
        return answers(netns, `${server.url}/health`)
      })
    },
    async kill() {
      child?.kill('SIGKILL')
      await child?.exited
    },
    async remove() {
      await server.kill()
      rmSync(folder, { recursive: true, force: true })
    },
  }
  await server.start()
  return server
}

function answers(netns: string, url: string): Promise<boolean> {
  const request: FetchRequest = { url, method: 'GET', body: null, timeoutMs: 1_000 }
  return runCommand([
    'ip',
    'netns',
    'exec',
    netns,
    process.execPath,
    fetchProgram,
    JSON.stringify(request),
  ]).then(
    () => true,
    () => false,
  )
}
