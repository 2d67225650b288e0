/** The load generator of bench/tools, and what it is pointed at. */
import { join } from 'node:path'
import { freePort } from '../../tests/support/free-port.ts'

/** The upper 16 bits are the punt point of the learning switch. */
const cookie = '0x0001000000000001'
const startTimeoutMs = 5_000

/** A program that answers PACKET_INs. */
export interface Responder {
  readonly process: Bun.Subprocess
  readonly port: number
}

/** Compiles a tool of bench/tools into a folder. Ends the program where there is no C compiler. */
export function compile(name: string, folder: string): string {
  const compiler = Bun.which('cc') ?? Bun.which('gcc')
  if (compiler === null) {
    console.error(
      'The load is a C program: install a C compiler (apt-get install gcc libc6-dev), then run this again.',
    )
    process.exit(1)
  }
  const path = join(folder, name)
  const source = join(import.meta.dir, '../tools', `${name}.c`)
  const { success, stderr } = Bun.spawnSync([compiler, '-O2', '-o', path, source])
  if (!success) throw new Error(`${name}.c does not compile: ${stderr}`)
  return path
}

/** A program of ours, which prints its port. */
export async function startOurs(name: string, ...options: string[]): Promise<Responder> {
  const command = [process.execPath, join(import.meta.dir, `${name}.ts`), ...options]
  const child = Bun.spawn(command, { stdout: 'pipe', stderr: 'inherit' })
  const reader = child.stdout.getReader()
  const { value } = await reader.read()
  reader.releaseLock()
  return { process: child, port: Number(new TextDecoder().decode(value).trim()) }
}

const answers = (port: number): Promise<boolean> =>
  Bun.connect({ hostname: '127.0.0.1', port, socket: { data() {} } }).then(
    (socket) => {
      socket.end()
      return true
    },
    () => false,
  )

/** Another program, which listens on the port that it is told. */
export async function startOther(command: (port: number) => string[]): Promise<Responder> {
  const port = freePort()
  const child = Bun.spawn(command(port), { stdout: 'ignore', stderr: 'ignore' })
  for (const end = Date.now() + startTimeoutMs; Date.now() < end; await Bun.sleep(50))
    if (await answers(port)) return { process: child, port }
  child.kill()
  throw new Error(`${command(port)[0]} does not answer`)
}

export async function stop({ process }: Responder): Promise<void> {
  process.kill()
  await process.exited
}

/** What the load generator counted. */
export interface Figures {
  readonly answered_per_s: number
  readonly packet_in: number
  readonly answered: number
  readonly extra: number
  readonly unmatched: number
  readonly timeouts: number
  readonly malformed: number
  readonly connections_lost: number
  readonly lat_us: { readonly p50: number; readonly p99: number; readonly max: number }
  /** Answers in a second of the responder's CPU: what is left of the figure on a machine that does other things too. */
  readonly answered_per_cpu_s: number
}

/** Runs the load generator against a responder. */
export async function load(
  tool: string,
  { process, port }: Responder,
  ...options: string[]
): Promise<Figures> {
  const common = ['--port', `${port}`, '--pid', `${process.pid}`, '--ready', 'features', '--cookie', cookie]
  const child = Bun.spawn([tool, ...common, ...options], { stdout: 'pipe', stderr: 'inherit' })
  const lines = (await new Response(child.stdout).text()).trim().split('\n')
  const json = lines.findLast((line) => line.startsWith('{'))
  if (json === undefined) throw new Error(`the load ended without figures: ${lines.at(-1)}`)
  return JSON.parse(json) as Figures
}

/** Answers that are missing, double or wrong. */
export const wrongAnswers = (figures: Figures): number =>
  figures.extra + figures.unmatched + figures.timeouts + figures.malformed + figures.connections_lost
