import { afterAll, afterEach, beforeAll, expect, test } from 'bun:test'
import { eventually, type OpenVswitch, startOpenVswitch } from '../../tests/support/open-vswitch.ts'
import { type Channel, createChannel, type DatapathSession } from '../openflow/channel/index.ts'
import { continuePacket, forward, type PacketIn } from '../openvnet.ts'
import { createTestHost, packetFunction, type TestHost } from './testing.ts'

const out = 5
/** Punt point 1, object 0x2a. */
const cookie = '0x000100000000002a'
let ovs: OpenVswitch
let channel: Channel
let session: DatapathSession
let host: TestHost

beforeAll(async () => {
  ovs = await startOpenVswitch({ name: 'dispatch' })
  await ovs.vsctl('add-br', 'br0', '--', 'set', 'bridge', 'br0', 'datapath_type=netdev', 'fail_mode=secure')
  await ovs.vsctl(
    'add-port',
    'br0',
    'out',
    '--',
    'set',
    'interface',
    'out',
    'type=internal',
    `ofport_request=${out}`,
  )
  await ovs.exec('ip', 'link', 'set', 'out', 'up')
  const mgmt = await ovs.mgmt('br0')
  const { promise, resolve } = Promise.withResolvers<DatapathSession>()
  channel = createChannel({
    listen: [],
    dial: [`unix:${mgmt}`],
    admit: () => ({ serve: true }),
    onJoined: resolve,
  })
  await channel.start()
  session = await promise
}, 30_000)
afterAll(async () => {
  channel?.close()
  await ovs?.stop()
})

/** Begins anew: these flows, and nothing serving. */
async function setUp(...flows: string[]) {
  await ovs.ofctl('del-flows', 'br0')
  // Only what the test sends: interfaces speak for themselves.
  for (const flow of flows) await ovs.ofctl('add-flow', 'br0', `dl_type=0x88b5,${flow}`)
  host = createTestHost()
  host.dispatcher.attach(session)
}
afterEach(() => host.close())

const sentOut = async (): Promise<number> =>
  Number(/tx pkts=(\d+)/.exec(await ovs.ofctl('dump-ports', 'br0', `${out}`))![1])

const frame = (number: number) => {
  const bytes = new Uint8Array(64)
  bytes.set([2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x88, 0xb5])
  new DataView(bytes.buffer).setUint32(14, number)
  return bytes
}

/** As if a machine behind the switch had sent it. */
const enter = (data: Uint8Array) =>
  session.send({
    version: 4,
    type: 'OFPT_PACKET_OUT',
    xid: 0,
    buffer_id: 'OFP_NO_BUFFER',
    in_port: 'OFPP_LOCAL',
    actions: [{ type: 'OFPAT_OUTPUT', port: 'OFPP_TABLE', max_len: 0 }],
    data,
  })

test('a function sees what the pipeline had written, and its answer leaves', async () => {
  await setUp(
    `cookie=${cookie},actions=load:0xabc->NXM_NX_REG3[],write_metadata:0x77,goto_table:1`,
    `table=1,cookie=${cookie},actions=set_field:0x1234->tun_id,controller:65535`,
  )
  const seen: unknown[] = []
  host.serve(
    packetFunction((packet: PacketIn) => {
      const { puntCode, objectId, tableId, inPort, metadata, tunnelId, dpid } = packet
      seen.push([
        puntCode,
        objectId,
        tableId,
        inPort,
        metadata,
        tunnelId,
        packet.register(3),
        packet.u32(14),
        dpid,
      ])
      return forward(out)
    }),
  )
  const before = await sentOut()
  enter(frame(7))
  await eventually('the frame', async () => (await sentOut()) === before + 1)
  expect(seen).toEqual([[1, 0x2a, 1, 0xffff_fffe, 0x77n, 0x1234n, 0xabc, 7, session.dpid]])
})

test('a packet goes on at a table', async () => {
  await setUp(`cookie=${cookie},actions=controller:65535`, `table=9,actions=output:${out}`)
  host.serve(packetFunction(() => continuePacket(9)))
  const before = await sentOut()
  enter(frame(1))
  await eventually('the frame', async () => (await sentOut()) === before + 1)
})

test('a packet goes on where it was paused, with its registers', async () => {
  await setUp(
    `cookie=${cookie},actions=load:${out}->NXM_NX_REG1[],controller(pause,max_len=65535,userdata=00.01.00.00.00.00.00.2a),resubmit(,2)`,
    `table=2,actions=output:NXM_NX_REG1[]`,
  )
  const version = host.serve(packetFunction(() => continuePacket()))
  const before = await sentOut()
  enter(frame(1))
  await eventually('the frame', async () => (await sentOut()) === before + 1)
  expect(version.counts.ok).toBe(1)
})

test('a hundred swaps under load lose no packet, double none, and never go back', async () => {
  await setUp(`cookie=${cookie},actions=controller:65535`)
  const versions: number[] = []
  const numbers: number[] = []
  const served: ReturnType<TestHost['serve']>[] = []
  const serve = (version: number) =>
    served.push(
      host.serve(
        packetFunction((packet) => {
          versions.push(version)
          numbers.push(packet.u32(14))
          return forward(out)
        }),
        version,
      ),
    )
  serve(1)
  const before = await sentOut()
  const total = 5_000
  for (let number = 0; number < total; number++) {
    enter(frame(number))
    if (number % 50 === 49) {
      serve(1 + (number + 1) / 50)
      await Bun.sleep(10)
    }
  }
  await eventually('every frame', async () => (await sentOut()) === before + total)
  expect(served.reduce((sum, { counts }) => sum + counts.ok, 0)).toBe(total)
  // One that a time-out of its batch fell into was called again, and answered once.
  expect([...new Set(numbers)]).toEqual(Array.from({ length: total }, (_, at) => at))
  expect(versions).toEqual([...versions].sort((a, b) => a - b))
  expect(new Set(versions).size).toBeGreaterThan(50)
  expect(await sentOut()).toBe(before + total)
}, 30_000)
