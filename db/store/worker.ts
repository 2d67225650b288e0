/** The store thread. It owns the only connection, and nobody ever terminates it while it works. */
import { failure, type Result, success } from '../../runtime/problem.ts'
import { migrate } from '../migrate.ts'
import { type Backend, Unavailable } from './backend.ts'
import { EmbeddedBackend } from './embedded.ts'
import { Engine, type Outlet } from './engine.ts'
import { type FromStore, packBatch, type StoreSettings, type ToStore, unpackJobs } from './protocol.ts'
import { ServerBackend } from './server.ts'
import { filePath, serverAddress, withoutToken } from './url.ts'

declare const self: {
  postMessage(message: FromStore | string): void
  onmessage: ((event: { data: ToStore | string }) => void) | null
}

const send = (message: FromStore) => self.postMessage(message)
const outlet: Outlet = {
  changes: (batch) => self.postMessage(packBatch(batch)),
  availability: (problem) => send({ type: 'availability', problem }),
}
let backend: Backend | undefined
let engine: Engine | undefined

async function open(settings: StoreSettings): Promise<Result<Engine>> {
  try {
    backend = connect(settings)
    const migrated = await migrate(backend)
    if (!migrated.ok) return migrated
    return success(await Engine.start(backend, settings, outlet))
  } catch (error) {
    if (error instanceof Unavailable) return failure(error.problem)
    return failure({
      what: `the database could not be opened: ${String(error)}`,
      where: withoutToken(settings.url),
    })
  }
}

function connect(settings: StoreSettings): Backend {
  const path = filePath(settings.url)
  if (path !== undefined) return new EmbeddedBackend(path)
  const address = serverAddress(settings.url, settings.authToken)
  if (address !== undefined) return new ServerBackend(address, settings.requestTimeoutMs)
  throw new Unavailable({
    what: 'this URL is of no database',
    where: withoutToken(settings.url),
    expected: 'file:, http(s):, libsql: or ws(s):',
  })
}

/** What would outlast its statement on a connection that others use too. */
const lastsLonger = /^\s*(BEGIN|COMMIT|END|ROLLBACK|SAVEPOINT|RELEASE|ATTACH|DETACH|PRAGMA[^=(]*[=(])/i

async function query(message: Extract<ToStore, { type: 'query' }>): Promise<void> {
  const { id, sql, parameters, readOnly } = message
  if (lastsLonger.test(sql))
    return send({ type: 'failed', id, problem: { what: 'a single statement cannot do this', where: sql } })
  try {
    send({ type: 'rows', id, rows: await backend!.rows({ sql, parameters }, { readOnly }) })
  } catch (error) {
    const problem = error instanceof Unavailable ? error.problem : { what: String(error), where: sql }
    send({ type: 'failed', id, problem })
  }
}

async function close(): Promise<void> {
  await engine?.close()
  backend?.close()
  send({ type: 'closed' })
}

function commit(batch: string): void {
  for (const { id, job } of unpackJobs(batch))
    if (job === undefined) engine!.refuseNonsense(id)
    else engine!.commit(id, job)
}

self.onmessage = async ({ data }) => {
  if (typeof data === 'string') commit(data)
  else if (data.type === 'query') await query(data)
  else if (data.type === 'snapshot')
    send({ type: 'snapshot', id: data.id, snapshot: JSON.stringify(engine!.snapshot()) })
  else if (data.type === 'close') await close()
  else {
    const opened = await open(data.settings)
    if (opened.ok) engine = opened.value
    else backend?.close()
    send(opened.ok ? { type: 'opened' } : { type: 'refused', problem: opened.problem })
  }
}
