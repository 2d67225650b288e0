/** The program itself, run against a real API. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { openTestApi, type TestApi } from '../../functions/api/testing.ts'
import { type HttpServer, startHttpServer } from '../../runtime/http/server.ts'
import { ensureToken } from '../../runtime/http/shell/token.ts'
import { emptyAudit, statusOf } from '../../runtime/http/testing.ts'
import { silent } from '../../runtime/log.ts'
import { main } from './main.ts'

const program = resolve(import.meta.dir, '../../bin/vnctl')
let api: TestApi
let server: HttpServer
let folder = ''
let pending: string[] = []
const state = () => join(folder, 'state')

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'vnctl-'))
  api = await openTestApi()
  const token = ensureToken(state())
  // Beyond loopback, so that the token is needed.
  const started = startHttpServer({
    host: '0.0.0.0',
    port: 0,
    token: token.ok ? token.value : '',
    insecure: false,
    corsOrigins: [],
    log: silent,
    dispatch: (request) => api.request(request),
    waitApplied: async (revision) => ({ revision, pending, disconnected: [] }),
    datapathStatus: statusOf,
    audit: async () => emptyAudit,
  })
  if (!started.ok) throw new Error(started.problem.what)
  server = started.value
  await vnctl('networks add --uuid nw-a --ipv4-network 10.0.0.0 --mode virtual')
})
afterAll(async () => {
  await server?.stop()
  await api?.dispose()
  rmSync(folder, { recursive: true, force: true })
})

interface Run {
  readonly code: number
  readonly out: string
  readonly error: string
}

async function vnctl(line: string, input = '', more: Record<string, string> = {}): Promise<Run> {
  const child = Bun.spawn([program, ...line.split(' ').filter((word) => word !== '')], {
    cwd: folder,
    env: { PATH: process.env['PATH'], VNET_API: `127.0.0.1:${server.port}`, VNET_STATE: state(), ...more },
    stdin: new Blob([input]),
    stdout: 'pipe',
    stderr: 'pipe',
  })
  const [out, error, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ])
  return { code, out, error }
}

test('answers are YAML where no terminal is, and tables or JSON when asked for', async () => {
  expect((await vnctl('networks show nw-a')).out).toStartWith('---\n:id: 1\n:uuid: nw-a\n')
  expect((await vnctl('networks show')).out).toStartWith('---\ntotal_count: 1\n')
  expect(JSON.parse((await vnctl('networks show -o json')).out)).toMatchObject({ total_count: 1 })
  const table = (await vnctl('networks show --output=table')).out.split('\n')
  expect(table[0]).toMatch(/^UUID +MODE +IPV4_NETWORK +IPV4_PREFIX/)
  expect(table[1]).toMatch(/^nw-a +virtual +10\.0\.0\.0 +24/)
})

test('errors are told in one line, with an exit status', async () => {
  expect(await vnctl('networks show nw-none')).toEqual({
    code: 1,
    out: '',
    error: 'vnctl: there is no network nw-none (code 100)\n',
  })
  expect((await vnctl('ip_leases show il-none')).error).toBe(
    'vnctl: there is no IP lease il-none (code 100)\n',
  )
  expect((await vnctl('networks add --uuid nw-a --ipv4-network 10.0.0.0')).error).toBe(
    'vnctl: nw-a exists already (code 102)\n',
  )
  const usage = await vnctl('networks add')
  expect([usage.code, usage.error]).toEqual([2, 'vnctl: missing: --ipv4-network\n'])
  const away = await vnctl('networks show --api http://127.0.0.1:1')
  expect([away.code, away.error]).toEqual([1, expect.stringContaining('cannot be reached')])
  const denied = await vnctl('networks show', '', { VNET_STATE: join(folder, 'other') })
  expect([denied.code, denied.error]).toEqual([
    1,
    expect.stringMatching(/a token is needed.*other\/token is not there/),
  ])
})

test('a token that is wrong, or cannot be read, is told', async () => {
  const wrong = await vnctl('networks show', '', { VNET_TOKEN: 'wrong' })
  expect(wrong.error).toMatch(/the token is not this host's.*the token is that of VNET_TOKEN/)
  const unreadable = join(folder, 'unreadable')
  mkdirSync(join(unreadable, 'token'), { recursive: true })
  const { code, error } = await vnctl('networks show', '', { VNET_STATE: unreadable })
  expect([code, error]).toEqual([1, expect.stringContaining('unreadable/token cannot be read: EISDIR')])
  writeFileSync(join(folder, 'token'), 'short')
  expect((await vnctl(`networks show --state ${folder}`)).error).toContain('token holds no token')
})

test('the token may be in VNET_TOKEN, and help says so', async () => {
  const token = ensureToken(state())
  const VNET_TOKEN = token.ok ? ` ${token.value}\n` : ''
  expect((await vnctl('networks show', '', { VNET_STATE: '/nowhere', VNET_TOKEN })).code).toBe(0)
  expect((await vnctl('--help')).out).toContain('VNET_TOKEN')
})

test('the version is that of the package', async () => {
  const { version } = await Bun.file(resolve(import.meta.dir, '../../package.json')).json()
  for (const line of ['--version', 'version']) expect((await vnctl(line)).out).toBe(`vnctl ${version}\n`)
})

test('without a uuid, the status of every datapath is told', async () => {
  expect((await vnctl('datapaths status -o json')).out).toBe('[]\n')
  for (const n of [1, 2])
    await vnctl(`datapaths add --uuid dp-s${n} --display-name d --node-id n --dpid 0x5${n}`)
  const all = JSON.parse((await vnctl('datapaths status -o json')).out)
  expect(all).toEqual([statusOf('dp-s1'), statusOf('dp-s2')])
  expect((await vnctl('datapaths status -o table')).out).toMatch(
    /^UUID +DPID .* CONNECTED .*\ndp-s1 .* false .*\ndp-s2 .* false .*\n$/,
  )
  expect((await vnctl('batch --atomic', 'datapaths status')).error).toContain('line 1: with --atomic')
  expect((await vnctl('datapaths del dp-s1 dp-s2')).code).toBe(0)
})

test('words that are names of JavaScript are words', async () => {
  for (const line of ['__proto__ show', 'networks constructor', 'networks show __proto__', 'toString']) {
    const { code, error } = await vnctl(line)
    expect(code).toBeGreaterThan(0)
    expect(error).toMatch(/^vnctl: .*\n$/)
  }
})

test('output that cannot be written is an error', async () => {
  for (const command of ['help', 'networks show']) {
    const child = Bun.spawn(['sh', '-c', `${program} ${command} > /dev/full`], {
      cwd: folder,
      env: { PATH: process.env['PATH'], VNET_API: `127.0.0.1:${server.port}`, VNET_STATE: state() },
      stderr: 'pipe',
    })
    expect(await new Response(child.stderr).text()).toContain('cannot be written')
    expect(await child.exited).toBe(1)
  }
})

test('what is no API is told apart from one', async () => {
  const other = Bun.serve({ port: 0, hostname: '127.0.0.1', fetch: () => new Response('<h1>hello</h1>') })
  const { code, error } = await vnctl('networks show', '', { VNET_API: `127.0.0.1:${other.port}` })
  await other.stop(true)
  expect(code).toBe(1)
  expect(error).toContain('no JSON')
})

test('a host that does not answer is given up', async () => {
  const silentHost = Bun.listen({ hostname: '127.0.0.1', port: 0, socket: { data() {} } })
  const { code, error } = await vnctl(`networks show --api 127.0.0.1:${silentHost.port} --timeout 50`)
  silentHost.stop(true)
  expect([code, error]).toEqual([1, expect.stringContaining('did not answer within 50 ms')])
  expect((await vnctl('networks show --api ftp://host')).code).toBe(2)
})

test('of several objects, one that fails does not keep back the others', async () => {
  const { code, out, error } = await vnctl('networks show nw-none nw-a -o json')
  expect([code, JSON.parse(out).uuid, error]).toEqual([1, 'nw-a', expect.stringContaining('nw-none')])
})

test('the token is found in .vnet of the folder, too', async () => {
  symlinkSync(state(), join(folder, '.vnet'))
  const child = Bun.spawn([program, 'networks', 'show', 'nw-a'], {
    cwd: folder,
    env: { PATH: process.env['PATH'], VNET_API: `http://127.0.0.1:${server.port}/api` },
  })
  expect(await child.exited).toBe(0)
})

const lines = `# two networks
networks add --uuid nw-b --ipv4-network 10.1.0.0 --display-name "two words"

vnctl networks add --uuid nw-c --ipv4-network 10.2.0.0   # as on the command line
networks show nw-b nw-c
`

test('batch: a command a line, each echoed, with its answer', async () => {
  const { code, out } = await vnctl('batch -o json', lines)
  expect(code).toBe(0)
  expect(out).toStartWith('> networks add --uuid nw-b --ipv4-network 10.1.0.0 --display-name "two words"\n{')
  expect(out.match(/^> /gm)).toHaveLength(3)
  expect(out.match(/"two words"/g)).toHaveLength(3)
})

test('batch: what fails is told with its line, the rest is done', async () => {
  writeFileSync(join(folder, 'file'), 'networks del nw-none\nnetworks del nw-b\n')
  const { code, error } = await vnctl('batch file')
  expect(code).toBe(1)
  expect(error).toContain('there is no network nw-none (code 100) (line 1)')
  expect((await vnctl('networks show nw-b')).code).toBe(1)
})

test('batch: a line that is wrong is found before any is run', async () => {
  const { code, error } = await vnctl(
    'batch',
    'networks add --uuid nw-x --ipv4-network 10.9.0.0\nnetworks ad\n',
  )
  expect([code, error]).toEqual([2, expect.stringContaining('line 2: unknown command networks ad')])
  expect((await vnctl('networks show nw-x')).code).toBe(1)
})

test('batch: what is no command of an object is told apart', async () => {
  expect(await vnctl('batch', 'api GET /networks')).toEqual({
    code: 2,
    out: '',
    error: 'vnctl: line 1: vnctl api is not for a batch\n',
  })
})

test('batch --atomic: all of them or none', async () => {
  const bad =
    'networks add --uuid nw-y --ipv4-network 10.9.0.0\nnetworks add --uuid nw-y --ipv4-network 10.9.0.0\n'
  const refused = await vnctl('batch --atomic', bad)
  expect([refused.code, refused.error]).toEqual([1, expect.stringContaining('line 2')])
  expect((await vnctl('networks show nw-y')).code).toBe(1)
  const good = 'networks add --uuid nw-y --ipv4-network 10.9.0.0\nnetworks del nw-y\n'
  expect(await vnctl('batch --atomic -o table', good)).toMatchObject({
    code: 0,
    out: expect.stringContaining('> networks del nw-y'),
  })
})

test('--wait says what is not applied', async () => {
  pending = ['dp-9']
  const waited = await vnctl('networks modify nw-a --display-name x --wait --wait-timeout 10')
  expect([waited.code, waited.error]).toEqual([1, 'vnctl: written, but not applied in time by: dp-9\n'])
  pending = []
  expect((await vnctl('networks modify nw-a --display-name x --wait')).code).toBe(0)
})

test('any request can be sent as it is', async () => {
  expect(JSON.parse((await vnctl('api GET /networks/nw-a -o json')).out).uuid).toBe('nw-a')
  const data = '{"uuid":"nw-raw","ipv4_network":"10.7.0.0"}'
  expect((await vnctl('api post /networks --data -', data)).out).toContain(':uuid: nw-raw')
  expect(JSON.parse((await vnctl('api GET networks/nw-a -o json')).out).uuid).toBe('nw-a')
  expect(JSON.parse((await vnctl('api GET api/1.0/networks/nw-a -o json')).out).uuid).toBe('nw-a')
  expect((await vnctl('api GET')).code).toBe(2)
  const { code, error } = await vnctl('api PUT networks')
  expect([code, error]).toEqual([1, expect.stringContaining('PUT /networks; the path has GET, POST (')])
})

test('completion: commands, options, their words, and uuids from the API', async () => {
  const complete = async (...words: string[]) => {
    const environment = { VNET_API: `127.0.0.1:${server.port}`, VNET_STATE: state() }
    let found = ''
    const streams = {
      out: (text: string) => void (found += text),
      error: (text: string) => expect(text).toBe(''),
    }
    await main(['__complete', ...words], environment, false, streams)
    return found.split('\n').slice(0, -1)
  }
  expect(await complete('')).toEqual(
    expect.arrayContaining(['networks', 'interfaces', 'batch', 'completion']),
  )
  expect(await complete('interfaces', 'ports', '')).toEqual(['add', 'show', 'del'])
  expect(await complete('interfaces', 'add', '--mode', '')).toContain('simulated')
  expect(await complete('interfaces', 'add', '--mo')).toContain('--mode')
  expect(await complete('networks', 'show', '')).toContain('nw-a')
  expect(await complete('interfaces', 'add', '--network-uuid', '')).toContain('nw-a')
  await vnctl('lease_policies add --uuid lp-complete')
  expect(await complete('lease-policies', 'show', '')).toContain('lp-complete')
  await vnctl('lease_policies del lp-complete')
  expect(await complete('networks', 'show', '-o', '')).toEqual(['table', 'yaml', 'json'])
  expect(await complete('-o', '')).toEqual(['table', 'yaml', 'json'])
  expect(await complete('-o', 'table', 'segments', '')).toEqual(['add', 'show', 'del'])
  expect(await complete('networks', 'add', '--mode', '=', 'v')).toContain('virtual')
  expect(await complete('networks', 'add', '--mode', '=')).toContain('virtual')
  expect(await complete('completion', '')).toEqual(['bash', 'zsh'])
  expect(await complete('ofp', '')).toEqual(['decode', 'encode'])
  expect(await complete('ofp', 'decode', '--')).toContain('--pretty')
  expect(await complete('api', '')).toEqual(['GET', 'POST', 'PUT', 'DELETE'])
  expect(await complete('api', 'GET', '/')).toContain('/networks')
  expect(await complete('batch', '--')).toContain('--atomic')
  expect(await complete('batch', '')).toEqual([])
  expect(await complete('help', 'networks', '')).toContain('modify')
  const place = ['--api', 'http', ':', '//127.0.0.1', ':', String(server.port)]
  expect(await complete(...place, 'networks', '')).toContain('show')
  expect(await complete(...place, 'networks', 'show', '')).toContain('nw-a')
  expect(await complete('--api', '=', ...place.slice(1), 'networks', 'show', '')).toContain('nw-a')
  expect(await complete('--api', 'http', ':', '//127.0.0.1', ':', '1', 'networks', 'show', '')).toEqual([])
  expect(await complete('--api', 'http', ':')).toEqual([])
})

test('what is an option of another command, or another command, is told', async () => {
  expect((await vnctl('interfaces modify if-a --ipv4-address 10.0.0.1')).error).toMatch(
    /has no option --ipv4-address; it is one of .*vnctl ip_leases add/,
  )
  expect((await vnctl('interfaces modify if-a --port-name vm1')).error).toContain(
    'vnctl interfaces ports add',
  )
  expect((await vnctl('interfaces modify if-a --mac-address 1')).error).toContain('vnctl mac_leases add')
  expect((await vnctl('audit')).error).toContain('batch api ofp completion help')
  expect((await vnctl('btach')).error).toContain('did you mean batch?')
})

test('the scripts for the shells are in their language', async () => {
  const bash = (await vnctl('completion bash')).out
  const checked = Bun.spawnSync(['bash', '-n'], { stdin: Buffer.from(bash) })
  expect([checked.exitCode, checked.stderr.toString()]).toEqual([0, ''])
  // The program is found as it was called, whatever the PATH is.
  const home = dirname(dirname(program))
  for (const called of [program, '"~/bin/vnctl"', 'bin/vnctl']) {
    const script = `${bash}\nCOMP_WORDS=(${called} netw); COMP_CWORD=1; _vnctl; echo "\${COMPREPLY[@]}"`
    const env = { PATH: '/usr/bin:/bin', HOME: home }
    const answered = Bun.spawnSync(['bash', '-c', script], { cwd: home, env })
    expect(answered.stdout.toString().trim()).toBe('networks network_services')
  }
  const words = `${program} --api http : //127.0.0.1 : ${server.port} networks show nw`
  const script = `${bash}\nCOMP_WORDS=(${words}); COMP_CWORD=9; _vnctl; echo "\${COMPREPLY[@]}"`
  const env = { PATH: '/usr/bin:/bin', VNET_STATE: state() }
  // Not the synchronous way: it is this process that serves the API.
  const asked = Bun.spawn(['bash', '-c', script], { env, stdout: 'pipe' })
  expect(await new Response(asked.stdout).text()).toContain('nw-a')
  expect((await vnctl('completion zsh')).out).toStartWith('#compdef vnctl')
  expect((await vnctl('completion fish')).code).toBe(2)
})

test('help tells how large a number may be', async () => {
  const { out } = await vnctl('load_balancers members add --help')
  expect(out).toMatch(/--weight VALUE .*\(1 to 100\)/)
  expect((await vnctl('networks show --help')).out).toMatch(/--offset VALUE .*\(at least 0, 0 by default\)/)
})

test('help is everywhere', async () => {
  for (const line of [
    '--help',
    'help',
    'networks --help',
    'help networks add',
    'interfaces ports add -h',
    'batch --help',
  ]) {
    const { code, out } = await vnctl(line)
    expect([line, code, out.length > 200]).toEqual([line, 0, true])
  }
  expect((await vnctl('networks add --help')).out).toContain('--ipv4-prefix VALUE')
  expect((await vnctl('')).code).toBe(2)
})
