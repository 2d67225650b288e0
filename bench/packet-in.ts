/**
 * PACKET_INs answered a second, and how long one takes, through a learning switch function in the real dispatcher with
 * its watchdog; beside it, in the same run: a C responder that decodes nothing, the same on Bun, and Open vSwitch's own
 * test controller. One core for the answers, one for the load.
 *
 *     bun bench/packet-in.ts [--seconds N] [--switches N]
 */
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'

const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '4' }, switches: { type: 'string', default: '16' } },
})
const here = import.meta.dir
const folder = await mkdtemp(join(tmpdir(), 'vnet-bench-'))
/** The upper 16 bits are the punt point of the learning switch. */
const cookie = '0x0001000000000001'
const startTimeoutMs = 5_000

type Responder = { readonly process: Bun.Subprocess; readonly port: number }
interface Contender {
  readonly name: string
  /** undefined: it cannot run here, and `missing` says why. */
  readonly start: (() => Promise<Responder>) | undefined
  readonly missing?: string
}

/** Compiles a tool of bench/tools; undefined where there is no C compiler. */
function compile(name: string): string | undefined {
  const compiler = Bun.which('cc') ?? Bun.which('gcc')
  if (compiler === null) return undefined
  const path = join(folder, name)
  const { success, stderr } = Bun.spawnSync([compiler, '-O2', '-o', path, join(here, 'tools', `${name}.c`)])
  if (!success) throw new Error(`${name}.c does not compile: ${stderr}`)
  return path
}

async function freePort(): Promise<number> {
  const server = Bun.listen({ hostname: '127.0.0.1', port: 0, socket: { data() {} } })
  server.stop(true)
  return server.port
}

/** A program of ours, which prints its port. */
async function startBun(path: string): Promise<Responder> {
  const child = Bun.spawn([process.execPath, path], { stdout: 'pipe', stderr: 'inherit' })
  const reader = child.stdout.getReader()
  const { value } = await reader.read()
  reader.releaseLock()
  return { process: child, port: Number(new TextDecoder().decode(value).trim()) }
}

async function startOther(command: (port: number) => string[]): Promise<Responder> {
  const port = await freePort()
  const child = Bun.spawn(command(port), { stdout: 'ignore', stderr: 'ignore' })
  for (const end = Date.now() + startTimeoutMs; Date.now() < end; await Bun.sleep(50)) {
    const answered = await Bun.connect({ hostname: '127.0.0.1', port, socket: { data() {} } }).then(
      (socket) => socket.end() !== undefined || true,
      () => false,
    )
    if (answered) return { process: child, port }
  }
  child.kill()
  throw new Error(`${command(port)[0]} does not answer`)
}

interface Figures {
  readonly answered_per_s: number
  readonly extra: number
  readonly unmatched: number
  readonly timeouts: number
  readonly malformed: number
  readonly connections_lost: number
  readonly lat_us: { readonly p50: number; readonly p99: number }
  /** Answers in a second of the responder's CPU: what is left of the figure on a machine that does other things too. */
  readonly answered_per_cpu_s: number
}

async function load(tool: string, { process, port }: Responder, ...options: string[]): Promise<Figures> {
  const common = ['--port', `${port}`, '--pid', `${process.pid}`, '--ready', 'features', '--cookie', cookie]
  const child = Bun.spawn([tool, ...common, ...options], { stdout: 'pipe', stderr: 'inherit' })
  const lines = (await new Response(child.stdout).text()).trim().split('\n')
  const json = lines.findLast((line) => line.startsWith('{'))
  if (json === undefined) throw new Error(`the load ended without figures: ${lines.at(-1)}`)
  return JSON.parse(json) as Figures
}

const millions = ({ answered_per_s, answered_per_cpu_s }: Figures) =>
  `${(answered_per_s / 1e6).toFixed(2)} (${(answered_per_cpu_s / 1e6).toFixed(2)})`
const wrong = (figures: Figures) =>
  figures.extra + figures.unmatched + figures.timeouts + figures.malformed + figures.connections_lost

const tool = compile('ofbench')
const limit = compile('limitresp')
if (tool === undefined || limit === undefined) {
  console.error(
    'The load is a C program: install a C compiler (apt-get install gcc libc6-dev), then run this again.',
  )
  process.exit(1)
}
const testController = ['ovs-testcontroller', '/usr/bin/ovs-testcontroller'].find(
  (path) => Bun.which(path) ?? existsSync(path),
)
const contenders: Contender[] = [
  { name: 'limit: C, decodes nothing', start: () => startOther((port) => [limit, `${port}`, 'po']) },
  { name: 'limit: Bun, decodes nothing', start: () => startBun(join(here, 'packet-in/raw-responder.ts')) },
  {
    name: 'ovs-testcontroller (C)',
    start:
      testController === undefined
        ? undefined
        : () =>
            startOther((port) => [
              testController,
              '--noflow',
              `--unixctl=${join(folder, 'ctl')}`,
              `ptcp:${port}:127.0.0.1`,
            ]),
    missing: 'not installed: apt-get install openvswitch-testcontroller',
  },
  { name: 'vnet: learning switch function', start: () => startBun(join(here, 'packet-in/host.ts')) },
]

const throughput = [
  '--mode',
  'throughput',
  '--switches',
  values.switches,
  '--duration',
  values.seconds,
  '--warmup',
  '1',
]
const latency = ['--mode', 'latency', '--duration', values.seconds, '--warmup', '1']
console.log(
  `${'answers'.padEnd(34)}${'frame back'.padStart(14)}${'by buffer id'.padStart(14)}${'one: p50'.padStart(12)}${'p99'.padStart(10)}`,
)
console.log('millions a second (and in a second of the answering CPU)')
const frames = new Map<string, number>()
try {
  for (const { name, start, missing } of contenders) {
    if (start === undefined) {
      console.log(`${name.padEnd(34)}${missing}`)
      continue
    }
    const responder = await start()
    try {
      const back = await load(tool, responder, ...throughput, '--buffer', 'none')
      const kept = await load(tool, responder, ...throughput, '--buffer', 'unique')
      const one = await load(tool, responder, ...latency, '--buffer', 'none')
      frames.set(name, back.answered_per_cpu_s)
      const times =
        `${one.lat_us.p50.toFixed(0)} µs`.padStart(12) + `${one.lat_us.p99.toFixed(0)} µs`.padStart(10)
      console.log(`${name.padEnd(34)}${millions(back).padStart(14)}${millions(kept).padStart(14)}${times}`)
      const lost = wrong(back) + wrong(kept) + wrong(one)
      if (lost > 0) console.log(`  ${lost} answers missing, double or malformed`)
    } finally {
      responder.process.kill()
      await responder.process.exited
    }
  }
} finally {
  await rm(folder, { recursive: true, force: true })
}
const ours = frames.get('vnet: learning switch function') ?? 0
for (const [name, perSecond] of frames)
  if (!name.startsWith('vnet'))
    console.log(`frame back, a second of CPU, vnet ÷ ${name}: ${(ours / perSecond).toFixed(2)}`)
