import { afterAll, expect, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { type Host, startHost } from './host.ts'

const stateFolder = mkdtempSync(`/tmp/ovt-${process.pid}-host-`)
const OriginalWorker = globalThis.Worker
const threads: Worker[] = []
let host: Host | undefined
afterAll(async () => {
  globalThis.Worker = OriginalWorker
  await host?.stop()
  rmSync(stateFolder, { recursive: true, force: true })
})

test('a host whose store thread fails says that it cannot go on, and stops', async () => {
  globalThis.Worker = class extends OriginalWorker {
    constructor(url: string | URL) {
      super(url)
      if (`${url}`.endsWith('/store/worker.ts')) threads.push(this)
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
    insecure: false,
    logLevel: 'error',
    watch: false,
  })
  if (!started.ok) throw new Error(started.problem.what)
  host = started.value
  threads[0]!.postMessage('this is no batch')
  const problem = await Promise.race([host.failed, Bun.sleep(5_000)])
  expect(problem).toMatchObject({ what: expect.stringContaining('the store thread failed') })
  const began = performance.now()
  await host.stop()
  expect(performance.now() - began).toBeLessThan(4_000)
}, 20_000)
