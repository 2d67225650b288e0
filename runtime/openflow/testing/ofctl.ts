/** Runs `ovs-ofctl` against a listener that plays a switch, and keeps what it sends. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { decode, encode, type Message } from '../index.ts'

export interface Capture {
  readonly messages: readonly Uint8Array[]
  readonly exitCode: number
  readonly output: string
}

const commandTimeMaxMs = 20_000

/** What `ovs-ofctl -O OpenFlow13 <command> unix:<socket> <rest>` sends, without what every connection begins with. */
export async function capture(
  command: string,
  rest: readonly string[],
  options: readonly string[] = [],
): Promise<Capture> {
  const folder = mkdtempSync(join(tmpdir(), 'ofctl-'))
  const path = join(folder, 's')
  const messages: Uint8Array[] = []
  const server = Bun.listen<{ pending: Uint8Array }>({
    unix: path,
    socket: {
      open: (socket) => {
        socket.data = { pending: new Uint8Array(0) }
        socket.write(encode({ version: 4, type: 'OFPT_HELLO', xid: 0, elements: [] }))
      },
      data: (socket, piece) => {
        const all = Buffer.concat([socket.data.pending, piece])
        let at = 0
        for (
          ;
          all.length - at >= 8 && all.length - at >= all.readUInt16BE(at + 2);
          at += all.readUInt16BE(at + 2)
        ) {
          const message = new Uint8Array(all.subarray(at, at + all.readUInt16BE(at + 2)))
          const reply = answer(message)
          if (reply) socket.write(encode(reply))
          if (!isHandshake(message)) messages.push(message)
        }
        socket.data.pending = new Uint8Array(all.subarray(at))
      },
    },
  })
  try {
    const process = Bun.spawn(
      ['ovs-ofctl', '-O', 'OpenFlow13', '--no-names', ...options, command, `unix:${path}`, ...rest],
      {
        stdin: 'ignore',
        stdout: 'pipe',
        stderr: 'pipe',
        timeout: commandTimeMaxMs,
      },
    )
    const [output, error] = await Promise.all([
      new Response(process.stdout).text(),
      new Response(process.stderr).text(),
    ])
    return { messages, exitCode: await process.exited, output: output + error }
  } finally {
    server.stop(true)
    rmSync(folder, { recursive: true, force: true })
  }
}

const handshakeTypes = new Set([0, 20])
const isHandshake = (message: Uint8Array) => handshakeTypes.has(message[1]!)

/** The least that keeps the command going. */
function answer(bytes: Uint8Array): Message | undefined {
  const result = decode(bytes)
  if (!result.ok) return undefined
  const { value } = result
  const head = { version: 4, xid: value.xid } as const
  switch (value.type) {
    case 'OFPT_BARRIER_REQUEST':
      return { ...head, type: 'OFPT_BARRIER_REPLY' }
    case 'OFPT_ECHO_REQUEST':
      return { ...head, type: 'OFPT_ECHO_REPLY', data: value.data }
    case 'OFPT_GET_CONFIG_REQUEST':
      return { ...head, type: 'OFPT_GET_CONFIG_REPLY', flags: 'OFPC_FRAG_NORMAL', miss_send_len: 128 }
    case 'ONFT_BUNDLE_CONTROL':
      return {
        ...value,
        ctrl_type: (
          {
            OFPBCT_OPEN_REQUEST: 'OFPBCT_OPEN_REPLY',
            OFPBCT_CLOSE_REQUEST: 'OFPBCT_CLOSE_REPLY',
            OFPBCT_COMMIT_REQUEST: 'OFPBCT_COMMIT_REPLY',
            OFPBCT_DISCARD_REQUEST: 'OFPBCT_DISCARD_REPLY',
          } as const
        )[value.ctrl_type as 'OFPBCT_OPEN_REQUEST'],
      }
    case 'OFPT_MULTIPART_REQUEST':
      return multipartAnswer(value)
    case 'NXT_TLV_TABLE_REQUEST':
      return { ...head, type: 'NXT_TLV_TABLE_REPLY', max_option_space: 256, max_fields: 64, maps: [] }
    default:
      return undefined
  }
}

const port = {
  port_no: 1,
  hw_addr: '00:53:00:00:00:01',
  name: 'p1',
  config: [],
  state: [],
  curr: [],
  advertised: [],
  supported: [],
  peer: [],
  curr_speed: 0,
  max_speed: 0,
} as const

function multipartAnswer(value: Message): Message | undefined {
  if (value.type !== 'OFPT_MULTIPART_REQUEST') return undefined
  const head = { version: 4, xid: value.xid, type: 'OFPT_MULTIPART_REPLY', flags: [] } as const
  switch (value.multipart_type) {
    case 'OFPMP_PORT_DESC':
      return { ...head, multipart_type: 'OFPMP_PORT_DESC', body: [port] }
    case 'OFPMP_FLOW':
      return { ...head, multipart_type: 'OFPMP_FLOW', body: [] }
    case 'OFPMP_AGGREGATE':
      return {
        ...head,
        multipart_type: 'OFPMP_AGGREGATE',
        body: { packet_count: 1n, byte_count: 2n, flow_count: 3 },
      }
    case 'OFPMP_GROUP':
    case 'OFPMP_GROUP_DESC':
    case 'OFPMP_METER':
    case 'OFPMP_METER_CONFIG':
    case 'OFPMP_PORT_STATS':
    case 'OFPMP_QUEUE':
    case 'OFPMP_TABLE':
      return { ...head, multipart_type: value.multipart_type, body: [] }
    default:
      return undefined
  }
}

/** What `ovs-ofctl ofp-print` says of messages. */
export async function print(bytes: Uint8Array): Promise<string> {
  const process = Bun.spawn(['ovs-ofctl', 'ofp-print', Buffer.from(bytes).toString('hex')], {
    stdout: 'pipe',
    stderr: 'pipe',
    timeout: commandTimeMaxMs,
  })
  const [output, error] = await Promise.all([
    new Response(process.stdout).text(),
    new Response(process.stderr).text(),
  ])
  return output + error
}
