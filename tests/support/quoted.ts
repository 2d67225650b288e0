/** What ICMP errors tell machines of a lab. */
import { arriving, type Place } from './wire.ts'

const types = { unreachable: 3, 'time exceeded': 11 } as const

/** Which packets errors are about that arrive at a place while `during` runs, as they quote them: `SOURCE:PORT > DESTINATION:PORT`. */
export async function quotedAt(
  place: Place,
  type: keyof typeof types,
  during: () => Promise<unknown>,
): Promise<string[]> {
  const { [place.name]: frames = [] } = await arriving([place], `icmp[icmptype] == ${types[type]}`, during)
  return frames.map((frame) => {
    const quote = new DataView(Uint8Array.fromHex(frame).buffer, 14 + 20 + 8)
    const end = (at: number, portAt: number) =>
      `${[0, 1, 2, 3].map((i) => quote.getUint8(at + i)).join('.')}:${quote.getUint16(portAt)}`
    return `${end(12, 20)} > ${end(16, 22)}`
  })
}

interface Datagrams {
  readonly from: number
  readonly to: string
  readonly port: number
  /** How many hops they have to go; 64 by default. */
  readonly ttl?: number
  /** 1 by default. */
  readonly bytes?: number
}

/** Sends a datagram, and again, as who has no answer does. */
export const sendDatagram = ({ netns }: Place, { from, to, port, ttl = 64, bytes = 1 }: Datagrams) =>
  Bun.spawn(
    [
      ...['ip', 'netns', 'exec', netns, process.execPath, '-e'],
      `const socket = require('node:dgram').createSocket('udp4')
      socket.on('error', () => {})
      socket.bind(${from}, () => {
        socket.setTTL(${ttl})
        const send = () => socket.send('x'.repeat(${bytes}), ${port}, '${to}', () => {})
        for (const delayMs of [0, 200]) setTimeout(send, delayMs)
        setTimeout(() => process.exit(), 300)
      })`,
    ],
    { stdout: 'inherit', stderr: 'inherit' },
  ).exited
