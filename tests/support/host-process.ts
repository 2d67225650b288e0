/** `vnet host` as a process of its own, as operators run it: it can be stopped, killed and started again on its state. */
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { createTestDatabase, type TestDatabase, testsUseServer } from '../../db/testing.ts'
import { assertDocumented } from '../../functions/api/documented.ts'
import type { Audit } from '../../runtime/http/answers/host.ts'
import { type Answer, type FetchRequest, fetchText } from './fetch.ts'
import { freePort } from './free-port.ts'
import { eventually, runCommand } from './open-vswitch.ts'

const startTimeoutMs = 10_000
const requestTimeoutMs = 20_000
const vnet = resolve(import.meta.dir, '../../bin/vnet')
const fetchProgram = resolve(import.meta.dir, 'fetch.ts')

export interface HostOptions {
  /** `dev` swaps functions as their files change. */
  readonly command?: 'host' | 'dev'
  readonly ovsdb?: readonly string[]
  /** More arguments, such as `--openflow unix:…`. */
  readonly arguments?: readonly string[]
  /** A database to share; default: a file in the host's own state folder. */
  readonly database?: string
  /** The network namespace to run in: a hypervisor's, for a host that is on it. Default: the test's own. */
  readonly netns?: string
  /** False, for benches: answers are not held against the OpenAPI document, which takes a millisecond each. */
  readonly checksAnswers?: boolean
}

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const running = new Set<HostProcess>()
process.on('exit', () => {
  for (const host of running) host.abandon()
})

/** Starts a host and waits until its API answers. */
export async function startHostProcess(
  options: HostOptions = {},
  databaseIsAway = false,
): Promise<HostProcess> {
  // With VNET_TEST_DB=sqld the whole suite runs on a libSQL server, one for each host; but a host in a namespace of
  // its own would not find it on its loopback.
  const wantsServer = testsUseServer && options.database === undefined && options.netns === undefined
  const server = wantsServer ? await createTestDatabase() : undefined
  const host = new HostProcess(server === undefined ? options : { ...options, database: server.url }, server)
  running.add(host)
  try {
    await host.start(databaseIsAway)
    return host
  } catch (error) {
    await host.remove()
    throw error
  }
}

export class HostProcess {
  readonly state = mkdtempSync(`/tmp/ovt-${process.pid}-host-`)
  readonly #options: HostOptions
  #child: Bun.Subprocess<'ignore', number, number> | null = null
  #port = 0

  readonly #ownDatabase: TestDatabase | undefined

  constructor(options: HostOptions, ownDatabase?: TestDatabase) {
    this.#options = options
    this.#ownDatabase = ownDatabase
  }

  get apiUrl() {
    return `http://127.0.0.1:${this.#port}`
  }

  get logFile() {
    return join(this.state, 'host.log')
  }

  /** For other hosts beside it, or in its place. */
  get database(): string {
    return this.#options.database ?? `file:${join(this.state, 'vnet.db')}`
  }

  get pid() {
    return this.#child?.pid ?? 0
  }

  /** Starts, or starts again on the same state. A host that cannot reach its database is up too, and answers 503. */
  async start(databaseIsAway = false): Promise<void> {
    this.#port ||= freePort()
    const { command: name = 'host', ovsdb = [], database, netns, arguments: more = [] } = this.#options
    const command = [
      ...['setpriv', '--pdeathsig', 'KILL'],
      ...(netns === undefined ? [] : ['ip', 'netns', 'exec', netns]),
      ...[vnet, name, '--state', this.state, '--http', `127.0.0.1:${this.#port}`],
      ...(more.includes('--openflow') ? [] : ['--openflow', `unix:${join(this.state, 'of.sock')}`]),
      ...(database === undefined ? [] : ['--db', database]),
      ...ovsdb.flatMap((address) => ['--ovsdb', address]),
      ...more,
    ]
    // Appends: what the host said before it was killed stays readable.
    const log = openSync(this.logFile, 'a')
    const child = Bun.spawn(command, {
      stdin: 'ignore',
      stdout: log,
      stderr: log,
      env: { ...process.env, VNET_LOG: 'info' },
    })
    closeSync(log)
    this.#child = child
    await eventually(
      'the API to answer',
      () => {
        if (child.exitCode !== null) throw new Error(`vnet host ended with ${child.exitCode}`)
        return this.#fetch('GET', '/datapaths', undefined, 1_000).then(
          ({ status }) => status === 200 || (status === 503 && databaseIsAway),
          () => false,
        )
      },
      startTimeoutMs,
    ).catch(async (error: Error) => {
      throw new Error(`${error.message}: ${readFileSync(this.logFile, 'utf8')}`)
    })
  }

  /** SIGTERM; resolves to the milliseconds that it took. */
  async stop(): Promise<number> {
    const began = performance.now()
    await this.#end('SIGTERM')
    return performance.now() - began
  }

  async kill9(): Promise<void> {
    await this.#end('SIGKILL')
  }

  /** Sends a request; resolves to its answer. Throws for an answer that is no success, with what it said. */
  async api<T = Record<string, unknown>>(method: string, path: string, body?: unknown): Promise<T> {
    const { status, answer } = await this.request(method, path, body)
    if (status >= 400) throw new Error(`${method} ${path}: ${status} ${JSON.stringify(answer)}`)
    return answer as T
  }

  /** The answer, whatever it is. Throws where it is not as the OpenAPI document says. */
  async request(method: string, path: string, body?: unknown): Promise<{ status: number; answer: unknown }> {
    const { status, text } = await this.#fetch(method, path, body, requestTimeoutMs)
    const json = parsed(text)
    if (this.#options.checksAnswers !== false)
      await assertDocumented(method, `/api/1.0${path}`, body, { status, json })
    return { status, answer: json ?? text }
  }

  audit(): Promise<Audit> {
    return this.api<Audit>('GET', '/audit')
  }

  /** The recompute oracle: what differs between the flows held, the flows of the state, and the flows in the switches. */
  async differences(): Promise<string[]> {
    const { datapaths } = await this.audit()
    return datapaths.flatMap(({ dpid, differences }) =>
      differences.map((difference) => `${dpid}: ${difference}`),
    )
  }

  async remove(): Promise<void> {
    await this.#end('SIGTERM')
    await this.#ownDatabase?.dispose()
    rmSync(this.state, { recursive: true, force: true })
    running.delete(this)
  }

  /** What can be done without waiting, when the process ends. */
  abandon(): void {
    this.#child?.kill('SIGKILL')
    rmSync(this.state, { recursive: true, force: true })
  }

  /** From inside the host's namespace, where it has one: it listens on loopback there. */
  async #fetch(method: string, path: string, body: unknown, timeoutMs: number): Promise<Answer> {
    const { netns } = this.#options
    const request: FetchRequest = {
      url: `${this.apiUrl}/api/1.0${path}`,
      method,
      body: body === undefined ? null : JSON.stringify(body),
      timeoutMs,
    }
    if (netns === undefined) return fetchText(request)
    const program = [process.execPath, fetchProgram, JSON.stringify(request)]
    return JSON.parse(await runCommand(['ip', 'netns', 'exec', netns, ...program]))
  }

  async #end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const child = this.#child
    if (child === null || child.exitCode !== null || child.signalCode !== null) return
    child.kill(signal)
    await child.exited
  }
}
