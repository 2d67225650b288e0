import { afterEach, describe, expect, test } from 'bun:test'
import type { Socket } from 'node:net'
import { createServer, type Server } from 'node:net'
import { eventually } from '../../tests/support/open-vswitch.ts'
import { type OvsdbRig, startOvsdbRig } from './testing.ts'

const dpid = '0x00000000000000aa'
const uuids = Array.from({ length: 4 }, () => crypto.randomUUID())
const limits = { requestTimeoutMs: 200, probeIntervalMs: 100, retryFirstMs: 5, retryLastMs: 20 }

let server: Server | undefined
let rig: OvsdbRig | undefined

afterEach(() => {
  rig?.manager.close()
  server?.close()
})

/** A server that does with each connection what it is told. */
async function serve(behave: (socket: Socket, connection: number) => void) {
  let connections = 0
  server = createServer((socket) => {
    socket.on('error', () => {})
    behave(socket, ++connections)
  })
  await new Promise<void>((listening) => server!.listen(0, '127.0.0.1', listening))
  const { port } = server.address() as { port: number }
  rig = startOvsdbRig([`tcp:127.0.0.1:${port}`], [dpid], { limits })
  return { rig, connections: () => connections }
}

const bridgeRow = (more: object = {}) => ({
  name: 'br0',
  datapath_id: '00000000000000aa',
  datapath_type: '',
  fail_mode: 'secure',
  protocols: ['set', []],
  controller: ['set', []],
  ports: ['set', []],
  other_config: [
    'map',
    [
      ['disable-in-band', 'true'],
      ['datapath-id', '00000000000000aa'],
    ],
  ],
  external_ids: ['map', []],
  ...more,
})
const good = {
  Open_vSwitch: { [uuids[0]!]: { new: { bridges: ['uuid', uuids[1]], next_cfg: 1, cur_cfg: 1 } } },
  Bridge: { [uuids[1]!]: { new: bridgeRow() } },
}

/** The requests in a chunk: several may come at once. */
const requestsIn = (chunk: string | Buffer): { id: unknown; method: string }[] =>
  chunk
    .toString()
    .split(/(?<=\})(?=\{"method")/)
    .map((text) => JSON.parse(text))

/** Answers `monitor`, which is the first request, with this result, and echoes. */
function answer(socket: Socket, result: unknown, then: () => void = () => {}) {
  socket.on('data', (chunk) => {
    for (const { id, method } of requestsIn(chunk)) {
      socket.write(JSON.stringify({ id, error: null, result: method === 'monitor' ? result : [] }))
      if (method === 'monitor') then()
    }
  })
}
const update = (socket: Socket, updates: unknown) =>
  socket.write(JSON.stringify({ id: null, method: 'update', params: ['openvnet', updates] }))

describe('whatever a server sends, the host tries again and serves it once it behaves', () => {
  const attacks: Record<string, (socket: Socket) => void> = {
    garbage: (socket) => void socket.write(Buffer.from(crypto.getRandomValues(new Uint8Array(4_096)))),
    'nothing, for ever': () => {},
    'an end at once': (socket) => void socket.end(),
    'half a message': (socket) => void socket.write('{"id":1,"result":'),
    'deep nesting': (socket) => void socket.write(`{"id":1,"result":${'['.repeat(50_000)}`),
    'an error': (socket) => answerWith(socket, { id: 1, result: null, error: { error: 'unknown database' } }),
    'an answer to nothing': (socket) => void socket.write('{"id":77,"result":[],"error":null}'),
    'an answer that is null': (socket) => answer(socket, null),
    'an answer that is text': (socket) => answer(socket, 'x'),
    'a table that nobody asked for': (socket) => answer(socket, { Mirror: {} }),
    'a uuid that is none': (socket) => answer(socket, { Bridge: { __proto__x: { new: bridgeRow() } } }),
    'a row without columns': (socket) => answer(socket, { Bridge: { [uuids[1]!]: { new: {} } } }),
    'a huge number': (socket) =>
      void socket.once('data', () =>
        socket.write(
          `{"id":1,"error":null,"result":{"Open_vSwitch":{"${uuids[0]}":{"new":{"bridges":["set",[]],"next_cfg":1e999,"cur_cfg":1}}}}}`,
        ),
      ),
    'a malformed update after a good start': (socket) =>
      answer(socket, good, () => update(socket, { Bridge: { [uuids[1]!]: { new: 7 } } })),
    'a reset after a good start': (socket) => answer(socket, good, () => socket.resetAndDestroy()),
  }
  const answerWith = (socket: Socket, message: object) =>
    void socket.once('data', () => socket.write(JSON.stringify(message)))

  for (const [name, attack] of Object.entries(attacks))
    test(name, async () => {
      const { rig, connections } = await serve((socket, connection) =>
        connection <= 2 ? attack(socket) : answer(socket, good),
      )
      await rig.secure(dpid)
      await eventually('a third connection', () => connections() >= 3 && rig.manager.status()[0]!.connected)
    })
})

test('a message without end is cut off, in bounded memory', async () => {
  const chunk = Buffer.alloc(256 * 1024, 'x')
  let sent = 0
  const { rig, connections } = await serve((socket, connection) => {
    if (connection > 1) return answer(socket, good)
    socket.write('{"id":1,"result":"')
    const pour = () => {
      while (!socket.destroyed && socket.write(chunk)) sent += chunk.length
    }
    socket.on('drain', pour)
    pour()
  })
  await rig.secure(dpid)
  expect(connections()).toBe(2)
  expect(sent).toBeLessThan(200 * 1024 * 1024)
})

test('rows without end are refused, in bounded memory', async () => {
  const large = 'x'.repeat(1024 * 1024)
  let updates = 0
  const { rig } = await serve((socket, connection) => {
    if (connection > 1) return answer(socket, good)
    const pour = () => {
      if (socket.destroyed) return
      updates++
      update(socket, {
        Controller: { [crypto.randomUUID()]: { new: { target: large, connection_mode: ['set', []] } } },
      })
      setImmediate(pour)
    }
    answer(socket, good, pour)
  })
  await eventually(
    'the server to be left',
    () => rig.manager.status()[0]!.problem?.includes('too large') || null,
    20_000,
  )
  expect(updates).toBeGreaterThan(50)
}, 30_000)

test('a server that does not read is left', async () => {
  const echo = JSON.stringify({ id: 1, method: 'echo', params: ['x'.repeat(1024 * 1024)] })
  const { rig } = await serve((socket, connection) => {
    if (connection > 1) return answer(socket, good)
    socket.pause()
    const pour = () => {
      while (!socket.destroyed && socket.write(echo));
    }
    socket.on('drain', pour)
    pour()
  })
  await rig.secure(dpid)
})

test('a server that falls silent is noticed', async () => {
  const { rig, connections } = await serve((socket) => {
    socket.once('data', (chunk) =>
      socket.write(JSON.stringify({ id: requestsIn(chunk)[0]!.id, error: null, result: good })),
    )
  })
  await rig.secure(dpid)
  await eventually('a second connection', () => connections() >= 2)
  // What was last read stays in service meanwhile.
  expect(rig.gone).toEqual([])
})

test('echoes of the server are answered', async () => {
  const replies: unknown[] = []
  await serve((socket) => {
    socket.on('data', (chunk) => replies.push(chunk.toString()))
    socket.write(
      '{"id":"probe","method":"echo","params":["anything",{"a":1}]}{"id":9,"method":"nonsense","params":[]}',
    )
  })
  await eventually('replies', () => replies.join('').includes('"id":9'))
  expect(replies.join('')).toContain('{"result":["anything",{"a":1}],"error":null,"id":"probe"}')
  expect(replies.join('')).toContain('{"result":null,"error":{"error":"unknown method"},"id":9}')
})

test('a bridge whose name is a path is not adopted', async () => {
  const { rig } = await serve((socket) =>
    answer(socket, { ...good, Bridge: { [uuids[1]!]: { new: bridgeRow({ name: '../../run/other' }) } } }),
  )
  const { problem } = await rig.alarm('refused')
  expect(problem.what).toContain('not a name')
  expect(rig.bridges.size).toBe(0)
})

test('a transaction that is refused is tried again with a pause, and said', async () => {
  let transactions = 0
  const { rig } = await serve((socket) => {
    socket.on('data', (chunk) => {
      const standalone = { ...good, Bridge: { [uuids[1]!]: { new: bridgeRow({ fail_mode: ['set', []] }) } } }
      const refusal = [{}, {}, { error: 'not allowed', details: 'by the test' }]
      for (const { id, method } of requestsIn(chunk)) {
        if (method === 'transact') transactions++
        socket.write(JSON.stringify({ id, error: null, result: method === 'monitor' ? standalone : refusal }))
      }
    })
  })
  const { problem } = await rig.alarm('transaction')
  expect(problem.received).toBe('not allowed: by the test')
  await Bun.sleep(150)
  expect(transactions).toBe(1)
  expect(rig.bridges.get(dpid)?.failModeSecure).toBe(false)
  await eventually('another attempt', () => transactions === 2)
})
