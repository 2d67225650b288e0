/** The settings of a host: each is a flag, an environment variable and a key of vnet.toml; the first that is set wins. */
import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { isLogLevel } from '../../runtime/log.ts'
import { failure, type Problem, type Result, success } from '../../runtime/problem.ts'

interface Declaration {
  readonly kind: 'text' | 'list' | 'flag'
  readonly value?: string
  readonly help: string
}

/** Flag `--node-id`, environment variable `VNET_NODE_ID`, key `node-id` or `node_id` in vnet.toml. */
export const declarations = {
  db: {
    kind: 'text',
    value: 'URL',
    help: 'database: file:PATH, or a libSQL server (http://…, libsql://…); default: a file in the state folder',
  },
  'db-token': {
    kind: 'text',
    value: 'TOKEN',
    help: 'what the libSQL server asks for (as ?authToken= of --db); better VNET_DB_TOKEN, which `ps` does not show',
  },
  openflow: {
    kind: 'list',
    value: 'ADDR',
    help: 'listen for switches at tcp:HOST:PORT, ssl:HOST:PORT or unix:PATH; default tcp:127.0.0.1:6653',
  },
  switch: { kind: 'list', value: 'ADDR', help: 'dial this switch too, beyond those found by OVSDB' },
  ovsdb: {
    kind: 'list',
    value: 'ADDR',
    help: 'Open vSwitch databases; default: db.sock in $OVS_RUNDIR, or in /var/run/openvswitch',
  },
  http: { kind: 'text', value: 'HOST:PORT', help: 'the HTTP API; default 127.0.0.1:9090' },
  'node-id': {
    kind: 'text',
    value: 'ID',
    help: 'serve only the datapaths of this node; default: every datapath',
  },
  state: { kind: 'text', value: 'FOLDER', help: 'where files are kept; default: .vnet in the checkout' },
  functions: {
    kind: 'text',
    value: 'FOLDER',
    help: 'the functions; default: those of the project',
  },
  'tls-key': { kind: 'text', value: 'FILE', help: 'private key (PEM) of this host, for ssl: addresses' },
  'tls-cert': { kind: 'text', value: 'FILE', help: 'certificate (PEM) of this host' },
  'tls-ca': {
    kind: 'text',
    value: 'FILE',
    help: 'certificates (PEM) of the authority that signs the switches',
  },
  'cors-origin': { kind: 'list', value: 'ORIGIN', help: 'let pages of this origin use the API' },
  insecure: { kind: 'flag', help: 'allow an API beyond loopback without a token' },
  log: { kind: 'text', value: 'LEVEL', help: 'debug, info, warn or error; default info' },
} as const satisfies Record<string, Declaration>

export type Name = keyof typeof declarations
export const allNames = Object.keys(declarations) as Name[]
/** Those that the demo has. */
export const demoNames = ['http', 'state', 'functions', 'log'] as const satisfies readonly Name[]
export type Settings = {
  readonly [N in Name]?: (typeof declarations)[N]['kind'] extends 'list'
    ? readonly string[]
    : (typeof declarations)[N]['kind'] extends 'flag'
      ? boolean
      : string
}

const environmentName = (name: string) => `VNET_${name.replaceAll('-', '_').toUpperCase()}`
const problem = (what: string, where: string, more: Partial<Problem> = {}): Result<never> =>
  failure({ what, where, ...more })

/** Checks one value against its declaration; text may hold a list, separated by commas or spaces. */
function convert(name: Name, value: unknown, where: string): Result<string | boolean | readonly string[]> {
  const { kind } = declarations[name]
  if (kind === 'list') {
    const list = typeof value === 'string' ? value.split(/[\s,]+/).filter((part) => part !== '') : value
    if (Array.isArray(list) && list.every((part) => typeof part === 'string')) return success(list)
    return problem('is not a list of texts', where, {
      expected: 'addresses',
      received: JSON.stringify(value),
    })
  }
  if (kind === 'flag') {
    if (value === true || value === '1' || value === 'true') return success(true)
    if (value === false || value === '0' || value === 'false' || value === '') return success(false)
    return problem('is not a yes or no', where, {
      expected: 'true or false',
      received: JSON.stringify(value),
    })
  }
  if (typeof value !== 'string' || value === '')
    return problem('is not a text', where, { received: JSON.stringify(value) })
  if (name === 'log' && !isLogLevel(value))
    return problem('is no log level', where, { expected: 'debug, info, warn or error', received: value })
  return success(value)
}

function readFlags(
  argv: readonly string[],
  names: readonly Name[],
  command: string,
): Result<Record<string, unknown>> {
  const options = Object.fromEntries(
    names.map((name) => {
      const { kind } = declarations[name]
      return [name, { type: kind === 'flag' ? 'boolean' : 'string', multiple: kind === 'list' } as const]
    }),
  )
  const all = { ...options, config: { type: 'string' } } as const
  // Hyphens and underscores are the same in the names of options, as for `vnctl`.
  const args = argv.map((word) => word.replace(/^--[a-z_-]+/, (name) => name.replaceAll('_', '-')))
  try {
    return success(parseArgs({ args, options: all, strict: true, allowPositionals: false }).values)
  } catch (error) {
    // The first sentence; those that follow are about positional arguments, and there are none.
    const [what] = (error as Error).message.split('. ')
    return problem(what!, 'command line', { hint: `\`${command} --help\` lists the options.` })
  }
}

/** The table of a file, with hyphens in its keys. Only one that was asked for has to be there. */
function readFile(path: string, asked: boolean): Result<Record<string, unknown>> {
  if (!existsSync(path)) return asked ? problem('is not there', path, { expected: 'a file' }) : success({})
  try {
    const written = Object.entries(Bun.TOML.parse(readFileSync(path, 'utf8')))
    const table = Object.fromEntries(written.map(([key, value]) => [key.replaceAll('_', '-'), value]))
    const unknown = Object.keys(table).find((key) => !Object.hasOwn(declarations, key))
    if (unknown === undefined) return success(table)
    return problem('is no setting', `${path}: ${unknown}`, { expected: Object.keys(declarations).join(', ') })
  } catch (error) {
    const { message } = error as Error
    return problem(`cannot be read as TOML: ${message}`, path)
  }
}

/**
 * Reads the settings of `argv`, of the environment and of a file, in this order of precedence. The file is that of
 * `--config`, else of VNET_CONFIG, else vnet.toml in `folder` where there is one.
 * @param names the settings that the command has; others are no flags of it, and do not matter elsewhere
 * @param command as it is typed, for messages
 */
export function readSettings(
  argv: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
  folder: string,
  names: readonly Name[] = allNames,
  command = 'vnet host',
): Result<Settings> {
  const flags = readFlags(argv, names, command)
  if (!flags.ok) return flags
  const asked = (flags.value['config'] as string | undefined) ?? environment['VNET_CONFIG']
  const path = resolve(folder, asked || 'vnet.toml')
  const file = readFile(path, Boolean(asked))
  if (!file.ok) return file
  const settings: Record<string, unknown> = {}
  for (const name of names) {
    const variable = environmentName(name)
    const [value, where] =
      flags.value[name] !== undefined
        ? [flags.value[name], `--${name}`]
        : environment[variable] !== undefined
          ? [environment[variable], variable]
          : [file.value[name], `${path}: ${name}`]
    if (value === undefined) continue
    const converted = convert(name, value, where)
    if (!converted.ok) return converted
    settings[name] = converted.value
  }
  return success(settings as Settings)
}

/** The settings as `--help` shows them, and how else they are given. */
export const settingsHelp = (names: readonly Name[] = allNames) =>
  `${names.map(helpLine).join('\n')}
  --config FILE          a file with settings; default: vnet.toml in the folder where it is started, where there is one

Each is also an environment variable (--${names[0]}: ${environmentName(names[0]!)}) and, but for the last, a key of that file
(${names[0]} = "…"). Options with … can be repeated; in an environment variable, commas or spaces stand between them.`

function helpLine(name: Name): string {
  const { kind, value, help }: Declaration = declarations[name]
  const option = `--${name}${value === undefined ? '' : ` ${value}`}${kind === 'list' ? ' …' : ''}`
  return `  ${option.padEnd(22)} ${help}`
}

/** Whether a command line asks for help, rather than for what the command does. */
export const asksForHelp = (argv: readonly string[]) => argv.includes('--help') || argv.includes('-h')
