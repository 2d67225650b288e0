/** A DNS server of the outside world, in the test's own process: it says what the test wants, or nothing. */
import { createSocket, type Socket } from 'node:dgram'
import { createServer, type Server } from 'node:net'
import { runCommand } from './open-vswitch.ts'

export interface Asked {
  readonly name: string
  readonly type: number
  readonly id: number
  /** Where the question came from. */
  readonly port: number
  readonly transport: 'udp' | 'tcp'
}

/** What to say: a code, records as hexadecimal text (from the type on), and flags beyond the usual. */
export interface Said {
  readonly code?: number
  readonly answers?: readonly string[]
  readonly authority?: readonly string[]
  readonly flags?: number
  /** Another id than was asked with. */
  readonly id?: number
}

type Says = Said | readonly Said[] | null

const hex16 = (value: number) => value.toString(16).padStart(4, '0')
const hex32 = (value: number) => value.toString(16).padStart(8, '0')

/** An A record of the name that was asked for. */
export const addressRecord = (address: string, ttl: number) =>
  `00010001${hex32(ttl)}0004${address
    .split('.')
    .map((part) => Number(part).toString(16).padStart(2, '0'))
    .join('')}`
/** A SOA record that lets the absence of a name be remembered for so long. */
export const soaRecord = (negativeTtl: number) =>
  `00060001${hex32(3_600)}0016${'0000'}${hex32(1).repeat(4)}${hex32(negativeTtl)}`

/** The name of a question as text, and where it ends. */
function nameAt(message: Buffer, from: number): { name: string; end: number } {
  const labels: string[] = []
  let at = from
  for (let length = message[at]!; length > 0; length = message[at]!) {
    labels.push(message.toString('latin1', at + 1, at + 1 + length))
    at += length + 1
  }
  return { name: labels.join('.'), end: at + 1 }
}

export class Upstream {
  readonly address: string
  readonly asked: Asked[] = []
  /** What it says from now on; null: nothing. */
  says: (asked: Asked) => Says | Promise<Says> = () => null
  readonly #socket: Socket

  readonly #server: Server

  private constructor(address: string, socket: Socket, server: Server) {
    this.address = address
    this.#socket = socket
    this.#server = server
    socket.on('message', (message, { port, address: from }) =>
      this.#answer(message, { port, transport: 'udp' }, (answer) => socket.send(answer, port, from)),
    )
    server.on('connection', (connection) => {
      connection.on('error', () => {})
      // Questions come in one piece on loopback.
      connection.on('data', (bytes: Buffer) =>
        this.#answer(bytes.subarray(2), { port: connection.remotePort ?? 0, transport: 'tcp' }, (answer) => {
          connection.write(Buffer.from([answer.length >>> 8, answer.length & 255]))
          connection.write(answer)
        }),
      )
    })
  }

  /** Listens on port 53 of an address of loopback that nobody else has. */
  static async start(family: 4 | 6 = 4): Promise<Upstream> {
    const [a, b, c] = crypto.getRandomValues(new Uint8Array(3))
    const address =
      family === 4
        ? `127.${(a! % 200) + 10}.${b}.${(c! % 254) + 1}`
        : `fd53:${a!.toString(16)}:${b!.toString(16)}::${(c! + 1).toString(16)}`
    if (family === 6) await runCommand(['ip', 'address', 'add', `${address}/128`, 'dev', 'lo', 'nodad'])
    const socket = createSocket(family === 4 ? 'udp4' : 'udp6')
    const server = createServer()
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject)
      socket.bind(53, address, resolve)
    })
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(53, address, resolve)
    })
    return new Upstream(address, socket, server)
  }

  names(): string[] {
    return this.asked.map(({ name }) => name)
  }

  async stop(): Promise<void> {
    this.#socket.close()
    this.#server.close()
    if (this.address.includes(':'))
      await runCommand(['ip', 'address', 'del', `${this.address}/128`, 'dev', 'lo'])
  }

  async #answer(message: Buffer, from: Pick<Asked, 'port' | 'transport'>, send: (answer: Buffer) => void) {
    const { name, end } = nameAt(message, 12)
    const asked = { name, type: message.readUInt16BE(end), id: message.readUInt16BE(0), ...from }
    this.asked.push(asked)
    for (const said of [await this.says(asked)].flat()) {
      if (said === null) continue
      const { code = 0, answers = [], authority = [], flags = 0, id = asked.id } = said
      const records = [...answers, ...authority].map((record) => `c00c${record}`).join('')
      const head = [id, 0x8180 | flags | code, 1, answers.length, authority.length, 0].map(hex16).join('')
      send(Buffer.from(`${head}${message.toString('hex', 12, end + 4)}${records}`, 'hex'))
    }
  }
}
