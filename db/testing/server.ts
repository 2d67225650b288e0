/** A libSQL server for tests, as a child process. */
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { freePort } from '../../tests/support/free-port.ts'

export interface TestServer {
  readonly url: string
  readonly pid: number
  /** SIGKILL, and waits until it is gone. */
  kill(): Promise<void>
  /** Starts it again on the same folder and port. */
  restart(): Promise<void>
}

export interface ServerSettings {
  /** The public key (Ed25519, PEM) that tokens must be signed with; none: no token is asked for. */
  readonly jwtKey?: string
}

const startTimeoutMs = 10_000
const pollMs = 5
/** Should this process be killed, its servers end by themselves. */
const idleSeconds = '60'

/** The binary that the development dependency `sqld` brings. */
export function serverBinary(): string {
  const require = createRequire(import.meta.url)
  const wrapper = require.resolve('sqld/package.json')
  const platform = `${process.platform}-${process.arch}`
  return join(dirname(createRequire(wrapper).resolve(`@sqld/${platform}/package.json`)), 'sqld')
}

async function untilUp(url: string, process: Bun.Subprocess): Promise<void> {
  for (const start = performance.now(); performance.now() - start < startTimeoutMs; ) {
    if (process.exitCode !== null) throw new Error(`sqld ended with ${process.exitCode}`)
    const up = await fetch(`${url}/health`, { signal: AbortSignal.timeout(1_000) }).catch(() => undefined)
    if (up?.ok) return
    await Bun.sleep(pollMs)
  }
  throw new Error(`sqld did not answer in ${startTimeoutMs} ms`)
}

/** Starts a server that keeps its database in the folder. It dies with this process. */
export async function startServer(folder: string, { jwtKey }: ServerSettings = {}): Promise<TestServer> {
  const port = freePort()
  const url = `http://127.0.0.1:${port}`
  const options = [
    '--no-welcome',
    '--idle-shutdown-timeout-s',
    idleSeconds,
    '-d',
    folder,
    '--http-listen-addr',
    `127.0.0.1:${port}`,
  ]
  const environment = jwtKey === undefined ? {} : { SQLD_AUTH_JWT_KEY: jwtKey }
  const start = async () => {
    const child = Bun.spawn([serverBinary(), ...options], {
      stdio: ['ignore', 'ignore', 'ignore'],
      env: { ...process.env, ...environment },
    })
    await untilUp(url, child)
    return child
  }
  let child = await start()
  const killNow = () => child.kill('SIGKILL')
  process.on('exit', killNow)
  return {
    url,
    get pid() {
      return child.pid
    },
    async kill() {
      killNow()
      await child.exited
      process.off('exit', killNow)
    },
    async restart() {
      child = await start()
      process.on('exit', killNow)
    },
  }
}
