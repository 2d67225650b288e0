/** What goes for every command: where the API is, who asks, how answers are shown. */
import { existsSync } from 'node:fs'
import { networkInterfaces } from 'node:os'
import { join, resolve } from 'node:path'
import { hostNameOf, isLoopback } from '../../runtime/http/shell/addresses.ts'
import { readTokenOr, tokenFile } from '../../runtime/http/shell/token.ts'
import type { Known } from './options.ts'
import { UsageError } from './usage-error.ts'

export const globalOptions = {
  api: 'value',
  state: 'value',
  output: 'value',
  timeout: 'value',
  wait: 'flag',
  wait_timeout: 'value',
  help: 'flag',
} as const satisfies Known

export const outputs = ['table', 'yaml', 'json'] as const
export type Output = (typeof outputs)[number]

export interface Settings {
  /** Without the slash at its end: `http://127.0.0.1:9090`. */
  readonly api: string
  readonly token: string | undefined
  /** Where the token was looked for, and what was found: told when the API refuses for it. */
  readonly tokenOrigin: string
  readonly output: Output
  readonly timeoutMs: number
  /** undefined: do not wait for the datapaths. */
  readonly waitMs: number | undefined
}

type Options = Readonly<Record<string, string>>
type Environment = Readonly<Record<string, string | undefined>>

const defaultApi = 'http://127.0.0.1:9090'
const defaultTimeoutMs = 30_000
const defaultWaitMs = 5_000
const project = resolve(import.meta.dir, '../..')

function apiOf(options: Options, environment: Environment): URL {
  const given = options['api'] ?? environment['VNET_API'] ?? defaultApi
  try {
    const url = new URL(given.includes('://') ? given : `http://${given}`)
    if (/^https?:$/.test(url.protocol) && url.search === '' && url.hash === '') return url
  } catch {
    // Told below, as for the other wrong ones.
  }
  throw new UsageError(`--api: expected a URL like ${defaultApi}, not ${given}`)
}

/** Whether the URL leads to this machine: only then is its token of any use, and in good hands. */
function isThisMachine(api: URL): boolean {
  const host = hostNameOf(api.hostname) ?? api.hostname
  if (isLoopback(host)) return true
  return Object.values(networkInterfaces()).some((own) => own?.some(({ address }) => address === host))
}

type Token = Pick<Settings, 'token' | 'tokenOrigin'>

function tokenIn(folder: string): Token {
  const file = tokenFile(folder)
  const read = readTokenOr(folder)
  return 'token' in read
    ? { token: read.token, tokenOrigin: `the token is that of ${file}` }
    : { token: undefined, tokenOrigin: `${file} ${read.why}` }
}

function tokenOf(options: Options, environment: Environment, api: URL): Token {
  const given = environment['VNET_TOKEN']?.trim()
  if (given !== undefined && given !== '')
    return { token: given, tokenOrigin: 'the token is that of VNET_TOKEN' }
  const folder = options['state'] ?? environment['VNET_STATE']
  if (folder !== undefined) return tokenIn(resolve(folder))
  if (!isThisMachine(api))
    return { token: undefined, tokenOrigin: 'for another machine, VNET_TOKEN or --state gives it' }
  const here = resolve('.vnet')
  return tokenIn(existsSync(tokenFile(here)) ? here : join(project, '.vnet'))
}

function numberOf(options: Options, name: string, otherwise: number): number {
  const given = options[name]
  if (given === undefined) return otherwise
  if (/^\d{1,8}$/.test(given)) return Number(given)
  throw new UsageError(`--${name.replaceAll('_', '-')}: expected milliseconds, not ${given}`)
}

const isOutput = (text: string): text is Output => (outputs as readonly string[]).includes(text)

/** From options and environment; on a terminal answers are tables, elsewhere YAML as the original vnctl has it. */
export function settingsOf(options: Options, environment: Environment, terminal: boolean): Settings {
  const output = options['output'] ?? environment['VNET_OUTPUT'] ?? (terminal ? 'table' : 'yaml')
  if (!isOutput(output)) throw new UsageError(`--output: expected ${outputs.join(', ')}, not ${output}`)
  const api = apiOf(options, environment)
  const waitMs = numberOf(options, 'wait_timeout', defaultWaitMs)
  return {
    api: api.href.replace(/\/+$/, '').replace(/\/api(\/1\.0)?$/, ''),
    ...tokenOf(options, environment, api),
    output,
    timeoutMs: numberOf(options, 'timeout', defaultTimeoutMs),
    waitMs: /^(y|yes|t|true|1)$/i.test(options['wait'] ?? '') ? waitMs : undefined,
  }
}
