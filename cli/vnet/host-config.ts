/** From settings to what the host is started with: defaults, folders, addresses. */
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { HostConfig, TlsFiles } from '../../runtime/host/config.ts'
import { isLogLevel } from '../../runtime/log.ts'
import { parseAddress } from '../../runtime/openflow/channel/address.ts'
import { parseOvsdbAddress } from '../../runtime/ovsdb/address.ts'
import { failure, type Problem, type Result, success } from '../../runtime/problem.ts'
import { checkDatabaseUrl } from './database-url.ts'
import type { Settings } from './settings.ts'

const project = resolve(import.meta.dir, '../..')
/** Where Debian and others keep the system's Open vSwitch database; `OVS_RUNDIR` says otherwise, as for its own tools. */
const openVswitchFolder = '/var/run/openvswitch'

/** The socket of the system's Open vSwitch database, whether or not it is there. */
export const systemOvsdb = (environment: Readonly<Record<string, string | undefined>> = process.env) =>
  join(environment['OVS_RUNDIR'] || openVswitchFolder, 'db.sock')

/** `--state`, or `.vnet` in the checkout. */
const stateFolderOf = (settings: Settings) => resolve(settings.state ?? join(project, '.vnet'))

function parseHttp(text: string): Result<{ host: string; port: number }> {
  const parts = /^(?:\[([^\]]+)\]|([^:]*)):(\d{1,5})$/.exec(text)
  const port = Number(parts?.[3])
  const host = parts?.[1] ?? parts?.[2]
  if (!host || !(port <= 65_535))
    return failure({
      what: 'is no address to listen at',
      where: '--http',
      expected: 'HOST:PORT',
      received: text,
    })
  return success({ host, port })
}

export interface Purpose {
  /** Swap functions as their files change. */
  readonly watch?: boolean
  /** A folder within the state folder, for a host that is not the machine's. */
  readonly folder?: string
  /** Take another port for the API where that of the settings is in use. */
  readonly anyPort?: boolean
}

/** The first address that is none. */
function wrongAddress({ openflow = [], switch: switches = [], ovsdb = [] }: Settings): Problem | undefined {
  const parsed = [
    ...openflow.map((address) => ({ option: '--openflow', result: parseAddress(address) })),
    ...switches.map((address) => ({ option: '--switch', result: parseAddress(address) })),
    ...ovsdb.map((address) => ({ option: '--ovsdb', result: parseOvsdbAddress(address) })),
  ]
  for (const { option, result } of parsed)
    if (!result.ok) return { ...result.problem, where: `${option} ${result.problem.where}` }
  return undefined
}

function tlsFilesOf(settings: Settings): Result<TlsFiles | null> {
  const { 'tls-key': key, 'tls-cert': cert, 'tls-ca': ca } = settings
  const given = [key, cert, ca].filter((file) => file !== undefined)
  if (key === undefined || cert === undefined || ca === undefined)
    return given.length === 0
      ? success(null)
      : failure({
          what: 'TLS needs all three files',
          where: '--tls-key, --tls-cert, --tls-ca',
          received: given.join(', '),
        })
  const missing = given.find((file) => !existsSync(file))
  if (missing === undefined) return success({ key, cert, ca })
  const hint = 'TLS needs key, certificate and authority.'
  return failure({ what: 'there is no such file', where: missing, hint })
}

/** Checks the settings, all but what only trying can tell. */
export function hostConfigOf(
  settings: Settings,
  { watch = false, folder = '', anyPort = false }: Purpose = {},
): Result<HostConfig> {
  const http = parseHttp(settings.http ?? '127.0.0.1:9090')
  if (!http.ok) return http
  const wrong = wrongAddress(settings)
  if (wrong !== undefined) return failure(wrong)
  const database = settings.db === undefined ? undefined : checkDatabaseUrl(settings.db, settings['db-token'])
  if (database?.ok === false) return database
  const tls = tlsFilesOf(settings)
  if (!tls.ok) return tls
  const stateFolder = join(stateFolderOf(settings), folder)
  const log = settings.log ?? 'info'
  return success({
    stateFolder,
    functionsFolder: resolve(settings.functions ?? join(project, 'functions')),
    database: database?.value ?? `file:${join(stateFolder, 'vnet.db')}`,
    openflow: settings.openflow ?? ['tcp:127.0.0.1:6653'],
    switches: settings.switch ?? [],
    // Also where there is none yet: Open vSwitch may start after the host.
    ovsdb: settings.ovsdb ?? [`unix:${systemOvsdb()}`],
    http: { ...http.value, anyPort },
    nodeId: settings['node-id'] ?? null,
    tls: tls.value,
    corsOrigins: settings['cors-origin'] ?? [],
    insecure: settings.insecure ?? false,
    logLevel: isLogLevel(log) ? log : 'info',
    watch,
  })
}
