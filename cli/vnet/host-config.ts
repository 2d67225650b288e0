/** From settings to what the host is started with: defaults, folders, addresses. */
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { HostConfig } from '../../runtime/host/config.ts'
import { isLogLevel } from '../../runtime/log.ts'
import { failure, type Result, success } from '../../runtime/problem.ts'
import type { Settings } from './settings.ts'

const project = resolve(import.meta.dir, '../..')
/** Where Debian and others keep the system's Open vSwitch database. */
const systemOvsdb = '/var/run/openvswitch/db.sock'

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
}

export function hostConfigOf(
  settings: Settings,
  { watch = false, folder = '' }: Purpose = {},
): Result<HostConfig> {
  const http = parseHttp(settings.http ?? '127.0.0.1:9090')
  if (!http.ok) return http
  const stateFolder = join(stateFolderOf(settings), folder)
  const { 'tls-key': key, 'tls-cert': cert, 'tls-ca': ca } = settings
  const given = [key, cert, ca].filter((file) => file !== undefined)
  if (given.length !== 0 && given.length !== 3)
    return failure({
      what: 'TLS needs all three files',
      where: '--tls-key, --tls-cert, --tls-ca',
      received: given.join(', '),
    })
  const missing = given.find((file) => !existsSync(file))
  if (missing !== undefined)
    return failure({
      what: 'there is no such file',
      where: missing,
      hint: 'TLS needs key, certificate and authority.',
    })
  const log = settings.log ?? 'info'
  return success({
    stateFolder,
    functionsFolder: resolve(settings.functions ?? join(project, 'functions')),
    database: settings.db ?? `file:${join(stateFolder, 'vnet.db')}`,
    openflow: settings.openflow ?? ['tcp:127.0.0.1:6653'],
    switches: settings.switch ?? [],
    ovsdb: settings.ovsdb ?? (existsSync(systemOvsdb) ? [`unix:${systemOvsdb}`] : []),
    http: http.value,
    nodeId: settings['node-id'] ?? null,
    tls: given.length === 3 ? { key: key!, cert: cert!, ca: ca! } : null,
    corsOrigins: settings['cors-origin'] ?? [],
    insecure: settings.insecure ?? false,
    logLevel: isLogLevel(log) ? log : 'info',
    watch,
  })
}
