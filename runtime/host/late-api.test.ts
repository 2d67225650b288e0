import { afterAll, expect, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { type Host, startHost } from './host.ts'

const stateFolder = mkdtempSync(`/tmp/ovt-${process.pid}-host-`)
const OriginalWorker = globalThis.Worker
let host: Host | undefined
afterAll(async () => {
  globalThis.Worker = OriginalWorker
  await host?.stop()
  rmSync(stateFolder, { recursive: true, force: true })
})

test('a host whose isolates do not come up serves all the same, and the API when they do', async () => {
  let isolates = 0
  globalThis.Worker = class extends OriginalWorker {
    readonly #fails: boolean

    constructor(url: string | URL) {
      super(url)
      this.#fails = `${url}`.endsWith('/isolate.ts') && ++isolates === 1
    }

    override postMessage(message: unknown) {
      if (this.#fails && `${message}`.includes('"prepare"')) this.terminate()
      else super.postMessage(message)
    }
  } as typeof Worker
  const started = await startHost({
    stateFolder,
    functionsFolder: resolve(import.meta.dir, '../../functions'),
    database: `file:${join(stateFolder, 'vnet.db')}`,
    openflow: [],
    switches: [],
    ovsdb: [],
    http: { host: '127.0.0.1', port: 0 },
    nodeId: null,
    tls: null,
    corsOrigins: [],
    insecure: true,
    logLevel: 'error',
    watch: false,
  })
  if (!started.ok) throw new Error(started.problem.what)
  host = started.value
  expect(isolates).toBeGreaterThan(0)
  const { status } = await fetch(`${host.apiUrl}/api/1.0/datapaths`)
  expect(status).toBe(200)
  expect(isolates).toBeGreaterThan(1)
}, 30_000)
