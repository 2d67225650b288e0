/**
 * Conversations between namespaces of a lab, over TCP and UDP. As a program, inside:
 *
 *   bun tests/support/talk.ts serve tcp:80 udp:53 …        sends back what it hears there
 *   bun tests/support/talk.ts hold tcp:80 ADDRESS MS       says something every so often, prints a dot for each echo
 */
import { resolve } from 'node:path'
import type { Machine } from '../../cli/lab/machine.ts'
import { eventually } from './open-vswitch.ts'
import type { Place } from './wire.ts'

export type Service = `${'tcp' | 'udp'}:${number}`

const answerTimeoutS = 0.5
const sayEveryMs = 20
/** So long nothing comes where something would. */
const silenceMs = 400

const inside = ({ netns }: Place, ...command: string[]) =>
  Bun.spawn(['setpriv', '--pdeathsig', 'KILL', 'ip', 'netns', 'exec', netns, ...command], {
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'ignore',
  })

const program = (place: Place, ...args: string[]) =>
  inside(place, process.execPath, resolve(import.meta.path), ...args)

export interface Served {
  stop(): Promise<void>
}

/** Answers at these ports of every address of a place, until it is stopped. */
export async function serve(place: Place, services: readonly Service[]): Promise<Served> {
  const child = program(place, 'serve', ...services)
  await child.stdout.getReader().read()
  return {
    async stop() {
      child.kill()
      await child.exited
    },
  }
}

/** Whether a new conversation with a service comes about. */
export async function talks(
  from: Place,
  address: string,
  service: Service,
  timeoutS = answerTimeoutS,
): Promise<boolean> {
  const path = `/dev/${service.replace(':', `/${address}/`)}`
  const script = `exec 3<>${path} && echo x >&3 && read -n 1 -t ${timeoutS} -u 3`
  return (await inside(from, 'timeout', `${2 * timeoutS}`, 'bash', '-c', script).exited) === 0
}

/** The later ones are long enough for TCP to have sent again what was lost. */
const attemptsS = [answerTimeoutS, 1.5, 3]

/**
 * What of a place another gets through to: `icmp` and services. On a busy machine an answer may be late: where something of
 * what is expected is missing, and nothing else is there, it is tried again.
 */
export async function heardBy(
  from: Machine,
  address: string,
  services: readonly Service[],
  expected: readonly string[],
): Promise<string[]> {
  let heard: string[] = []
  for (const timeoutS of attemptsS) {
    const [ping, ...talking] = await Promise.all([
      from.ping(address),
      ...services.map((service) => talks(from, address, service, timeoutS)),
    ])
    heard = [...(ping === null ? [] : ['icmp']), ...services.filter((_, at) => talking[at])]
    if (heard.length === expected.length || heard.some((one) => !expected.includes(one))) break
  }
  return heard
}

/** Whether a host tells by ICMP that it has no such UDP port. */
export async function isRefused(from: Place, address: string, port: number): Promise<boolean> {
  const script = `exec 3<>/dev/udp/${address}/${port} && echo x >&3 && { read -n 1 -t ${answerTimeoutS} -u 3; [ $? -eq 1 ]; }`
  return (await inside(from, 'timeout', `${2 * answerTimeoutS}`, 'bash', '-c', script).exited) === 0
}

/** A conversation that goes on. */
export interface Held {
  /** Waits until something comes. */
  isAlive(): Promise<void>
  /** Waits until nothing has come for a while. */
  isDead(): Promise<void>
  stop(): Promise<void>
}

export async function hold(from: Place, address: string, service: Service): Promise<Held> {
  const child = program(from, 'hold', service, address, `${sayEveryMs}`)
  let echoes = 0
  const reading = (async () => {
    for await (const bytes of child.stdout) echoes += bytes.length
  })()
  const comes = async () => {
    const before = echoes
    await Bun.sleep(silenceMs)
    return echoes > before
  }
  const held: Held = {
    isAlive: () => eventually(`${from.name} to hear of ${address}`, comes).then(() => {}),
    isDead: () =>
      eventually(`${from.name} to hear nothing of ${address}`, async () => !(await comes())).then(() => {}),
    async stop() {
      child.kill()
      await child.exited
      await reading
    },
  }
  await held.isAlive()
  return held
}

async function serveHere(services: readonly string[]): Promise<void> {
  // Both families.
  const hostname = '::'
  for (const service of services) {
    const [transport, port] = service.split(':')
    if (transport === 'tcp')
      Bun.listen({
        hostname,
        port: Number(port),
        socket: { data: (socket, bytes) => void socket.write(bytes) },
      })
    else
      await Bun.udpSocket({
        hostname,
        port: Number(port),
        socket: { data: (socket, bytes, from, at) => void socket.send(bytes, from, at) },
      })
  }
  console.log('serving')
}

async function holdHere(service: string, address: string, everyMs: number): Promise<void> {
  const [transport, port] = service.split(':')
  const heard = (count: number) => void process.stdout.write('.'.repeat(count))
  const peer = { hostname: address, port: Number(port) }
  if (transport === 'tcp') {
    const socket = await Bun.connect({ ...peer, socket: { data: (_, bytes) => heard(bytes.length) } })
    setInterval(() => socket.write('x'), everyMs)
  } else {
    // Of the family of the other end.
    const hostname = address.includes(':') ? '::' : '0.0.0.0'
    const data = (_: unknown, bytes: Uint8Array) => heard(bytes.length)
    const socket = await Bun.udpSocket({ hostname, connect: peer, socket: { data } })
    setInterval(() => socket.send('x'), everyMs)
  }
}

if (import.meta.main) {
  const [what, ...rest] = process.argv.slice(2)
  if (what === 'serve') await serveHere(rest)
  else await holdHere(rest[0]!, rest[1]!, Number(rest[2]))
}
