/**
 * DNS clients in machines of a lab: c-ares, by way of the runtime, and bytes as they are. As a program:
 *
 *   bun tests/support/dns-client.ts resolve SERVER TYPE NAME   prints what c-ares makes of it, or its error, as JSON
 *   bun tests/support/dns-client.ts raw SERVER MESSAGE…        prints the answer to each message, both hexadecimal
 *   bun tests/support/dns-client.ts tcp SERVER PART…           sends bytes in parts, with pauses, and prints what comes
 */
import { createSocket } from 'node:dgram'
import { Resolver } from 'node:dns/promises'
import { connect } from 'node:net'
import { resolve as pathOf } from 'node:path'
import { runCommand } from './open-vswitch.ts'
import type { Place } from './wire.ts'

const timeoutMs = 5_000
const pauseMs = 50
const program = pathOf(import.meta.path)

const run = async (machine: Place, ...args: string[]) =>
  JSON.parse(await runCommand(['ip', 'netns', 'exec', machine.netns, process.execPath, program, ...args]))

export type Lookup = { readonly records: unknown } | { readonly error: string }

/** Asks as programs do: `{ records }` as node:dns has them, or `{ error: 'ENOTFOUND' }`. */
export const lookUp = (machine: Place, server: string, type: string, name: string): Promise<Lookup> =>
  run(machine, 'resolve', server, type, name)

/** Sends messages, hexadecimal, each on its own; the answers in the same order, '' where there is none in time. */
export const askRaw = (machine: Place, server: string, messages: readonly string[]): Promise<string[]> =>
  run(machine, 'raw', server, ...messages)

const hex16 = (value: number) => value.toString(16).padStart(4, '0')

/** All that comes over one connection, on which parts are sent one after the other; '' where it is reset or nothing comes in time. */
export const askTcp = (machine: Place, server: string, parts: readonly string[]): Promise<string> =>
  run(machine, 'tcp', server, ...parts)

/** A message as it is sent over a connection. */
export const withLength = (message: string) => `${hex16(message.length / 2)}${message}`

/** A query as hexadecimal text, made without the project's own builders (RFC 1035, 4.1). */
export function queryText(
  name: string,
  type: number,
  more: { id?: number; flags?: number; edns?: number } = {},
) {
  const { id = 0x1234, flags = 0x0100, edns } = more
  const labels = name.split('.').filter((label) => label !== '')
  const labelText = (label: string) =>
    label.length.toString(16).padStart(2, '0') + Buffer.from(label).toString('hex')
  const opt = edns === undefined ? '' : `000029${hex16(edns)}000000000000`
  return `${[id, flags, 1, 0, 0, edns === undefined ? 0 : 1].map(hex16).join('')}${labels.map(labelText).join('')}00${hex16(type)}0001${opt}`
}

async function resolveOne(server: string, type: string, name: string): Promise<Lookup> {
  const resolver = new Resolver({ timeout: timeoutMs, tries: 1 })
  resolver.setServers([server])
  try {
    return { records: await (type === 'PTR' ? resolver.reverse(name) : resolver.resolve(name, type)) }
  } catch (error) {
    return { error: (error as { code: string }).code }
  }
}

function rawOne(server: string, message: string): Promise<string> {
  const socket = createSocket('udp4')
  return new Promise((resolve) => {
    const finish = (answer: string) => {
      clearTimeout(timer)
      socket.close()
      resolve(answer)
    }
    const timer = setTimeout(finish, timeoutMs, '')
    socket.once('message', (bytes) => finish(bytes.toString('hex')))
    socket.send(Buffer.from(message, 'hex'), 53, server)
  })
}

function tcp(server: string, parts: readonly string[]): Promise<string> {
  const socket = connect({ host: server, port: 53, noDelay: true })
  return new Promise((resolve) => {
    let received = ''
    const finish = (text: string) => {
      clearTimeout(timer)
      socket.destroy()
      resolve(text)
    }
    const timer = setTimeout(finish, timeoutMs, '')
    socket.on('data', (bytes) => {
      received += bytes.toString('hex')
    })
    socket.on('end', () => finish(received))
    socket.on('error', () => finish(''))
    socket.on('connect', async () => {
      for (const part of parts) {
        socket.write(Buffer.from(part, 'hex'))
        await Bun.sleep(pauseMs)
      }
    })
  })
}

if (import.meta.main) {
  const [how, server, ...rest] = process.argv.slice(2)
  const answer =
    how === 'tcp'
      ? await tcp(server!, rest)
      : how === 'raw'
        ? await Promise.all(rest.map((message) => rawOne(server!, message)))
        : await resolveOne(server!, rest[0]!, rest[1]!)
  console.log(JSON.stringify(answer))
}
