import { describe, expect, test } from 'bun:test'
import { eventually, runCommand } from '../../../tests/support/open-vswitch.ts'
import { decode, type Message } from '../index.ts'
import type { DatapathSession } from './datapath-session.ts'
import { startChannel, type TestChannel } from './testing-channel.ts'
import {
  badFlow,
  base,
  danglingFlow,
  dpid,
  flow,
  flowCount,
  flows,
  useOpenVswitch,
} from './testing-open-vswitch.ts'
import { useLater } from './testing-session.ts'

const later = useLater()

const lab = useOpenVswitch()

async function dialled(): Promise<TestChannel & { session: DatapathSession }> {
  const mgmt = await lab.ovs.mgmt('br0')
  const channel = await startChannel(later, { listen: [], dial: [`unix:${mgmt}`] })
  return { ...channel, session: await channel.next() }
}

describe('Open vSwitch, dialled', () => {
  test('joins with everything it can do, and no flow is touched', async () => {
    await lab.ovs.ofctl('add-flow', 'br0', 'cookie=0x7,priority=3,actions=drop')
    const { session } = await dialled()
    expect(session).toMatchObject({
      dpid: `0x${dpid}`,
      bundlesSupported: true,
      packetInFormat: 'NXT_PACKET_IN2',
      description: { hw_desc: 'Open vSwitch' },
      peer: { direction: 'dialled', transport: 'unix' },
    })
    expect([...session.ports.keys()]).toEqual(['OFPP_LOCAL'])
    expect(session.statistics.malformedMessages + session.statistics.unexpectedMessages).toBe(0)
    const dump = await lab.ovs.ofctl('--no-stats', 'dump-flows', 'br0')
    expect(dump.trim()).toBe('cookie=0x7, priority=3 actions=drop')
    const controllers = await lab.ovs.vsctl('get-controller', 'br0')
    expect(controllers).toBe('')
  })

  test('is found again after it was killed', async () => {
    const { next, left } = await dialled()
    await lab.ovs.killVswitchd()
    await eventually('it to leave', () => left.length === 1)
    await lab.ovs.startVswitchd()
    expect((await next()).bundlesSupported).toBe(true)
  }, 20_000)

  test('is cut when it hangs, and served again when it goes on', async () => {
    const mgmt = await lab.ovs.mgmt('br0')
    const limits = { echoIntervalMs: 200, deadMs: 600, handshakeTimeoutMs: 500 }
    const { next, left } = await startChannel(later, { listen: [], dial: [`unix:${mgmt}`], limits })
    await next()
    const pids = (await runCommand(['ip', 'netns', 'pids', lab.ovs.netns])).split('\n')
    const signal = (name: string) => Promise.all(pids.map((pid) => runCommand(['kill', name, pid])))
    await signal('-STOP')
    try {
      await eventually('it to leave', () => left.length === 1)
      await Bun.sleep(1_500)
    } finally {
      await signal('-CONT')
    }
    expect((await (await next()).barrier()).ok).toBe(true)
  }, 20_000)

  test('5,000 flows in one bundle, read back in many parts', async () => {
    const { session } = await dialled()
    expect(await session.bundle(flows(5_000))).toEqual({ ok: true, value: undefined })
    expect(await flowCount(session)).toBe(5_000)
    expect((await session.barrier()).ok).toBe(true)
  }, 20_000)

  test.each([
    ['refused when added', badFlow],
    ['refused at the commit', danglingFlow],
  ])(
    'one message that is %s leaves the table as it was, and is named',
    async (_, bad) => {
      const { session } = await dialled()
      expect((await session.bundle(flows(10))).ok).toBe(true)
      const before = await lab.ovs.ofctl('--no-stats', 'dump-flows', 'br0')
      const changed = Array.from({ length: 5_000 }, (_, number) => flow(number + 1, 2))
      const result = await session.bundle([...changed.slice(0, 1_234), bad, ...changed.slice(1_234)])
      expect(result).toMatchObject({ ok: false, applied: 'none', refused: [{ index: 1_234 }] })
      expect(await lab.ovs.ofctl('--no-stats', 'dump-flows', 'br0')).toBe(before)
      expect((await session.bundle(changed)).ok).toBe(true)
      expect(await flowCount(session)).toBe(5_000)
    },
    20_000,
  )

  test('in order without a bundle: what is refused is named, the others stand', async () => {
    const { session } = await dialled()
    const result = await session.ordered([flow(1), badFlow, flow(2), danglingFlow])
    expect(result).toMatchObject({ ok: false, applied: 'some', refused: [{ index: 1 }, { index: 3 }] })
    expect(await flowCount(session)).toBe(2)
  })

  test('every PACKET_IN comes: from a table miss, a flow, a packet-out, with all of the frame', async () => {
    const { session } = await dialled()
    const seen: Message[] = []
    session.onPacketIn((bytes, offset, end) => {
      const message = decode(bytes, offset, end)
      if (message.ok) seen.push(message.value)
    })
    const toController = {
      type: 'OFPAT_OUTPUT',
      port: 'OFPP_CONTROLLER',
      max_len: 'OFPCML_NO_BUFFER',
    } as const
    await session.bundle([
      { ...flow(0x77), match: [], instructions: [{ type: 'OFPIT_APPLY_ACTIONS', actions: [toController] }] },
    ])
    const frame = new Uint8Array(1_400).fill(1)
    const packetOut = (action: Extract<Message, { type: 'OFPT_PACKET_OUT' }>['actions'][number]) =>
      session.send({
        ...base,
        type: 'OFPT_PACKET_OUT',
        buffer_id: 'OFP_NO_BUFFER',
        in_port: 'OFPP_CONTROLLER',
        actions: [action],
        data: frame,
      })
    packetOut({ type: 'OFPAT_OUTPUT', port: 'OFPP_TABLE', max_len: 0 })
    packetOut(toController)
    await eventually('both', () => seen.length === 2)
    expect(seen.map(({ type }) => type)).toEqual(['NXT_PACKET_IN2', 'NXT_PACKET_IN2'])
    expect(session.statistics).toMatchObject({ packetIns: 2, malformedMessages: 0 })
  })

  test('its ports are followed, and removed flows told', async () => {
    const { session } = await dialled()
    const status: string[] = []
    session.onPortStatus(({ reason, desc }) => status.push(`${reason} ${desc.name}`))
    const removed: bigint[] = []
    session.onFlowRemoved(({ cookie }) => removed.push(cookie))
    await lab.ovs.vsctl('add-port', 'br0', 'p1', '--', 'set', 'interface', 'p1', 'type=internal')
    await eventually('the port', () => [...session.ports.values()].some(({ name }) => name === 'p1'))
    await lab.ovs.vsctl('del-port', 'p1')
    await eventually('it to go', () => session.ports.size === 1)
    expect(status).toContain('OFPPR_ADD p1')
    expect(status).toContain('OFPPR_DELETE p1')
    await session.ordered([{ ...flow(5), flags: ['OFPFF_SEND_FLOW_REM'] }])
    await session.ordered([{ ...flow(5), command: 'OFPFC_DELETE' }])
    await eventually('the news', () => removed.length === 1)
    expect(removed).toEqual([5n])
  })

  test('keeps its flows when the channel closes', async () => {
    const { session, channel } = await dialled()
    await session.bundle(flows(3))
    channel.close()
    await eventually('the end', () => session.endedBy !== null)
    const dump = await lab.ovs.ofctl('--no-stats', 'dump-flows', 'br0')
    expect(dump.split('\n').length).toBe(3)
  })

  test('a role is taken with a generation; an older one is refused', async () => {
    const { session } = await dialled()
    expect((await session.requestRole('OFPCR_ROLE_MASTER', 10n)).ok).toBe(true)
    const older = await session.requestRole('OFPCR_ROLE_MASTER', 9n)
    expect(older).toMatchObject({
      ok: false,
      problem: { received: expect.stringContaining('OFPRRFC_STALE') },
    })
  })
})

describe('Open vSwitch without OpenFlow 1.3', () => {
  test.each(['OpenFlow10', 'OpenFlow14', 'OpenFlow10,OpenFlow15'])(
    '%s is told what is needed',
    async (protocols) => {
      await lab.ovs.vsctl('set', 'bridge', 'br0', `protocols=${protocols}`)
      const mgmt = await lab.ovs.mgmt('br0')
      const { joined, channel, next } = await startChannel(later, { listen: [], dial: [`unix:${mgmt}`] })
      await Bun.sleep(500)
      expect(joined).toEqual([])
      expect(channel.connections().filter(({ state }) => state !== 'handshake')).toEqual([])
      await lab.ovs.vsctl('set', 'bridge', 'br0', 'protocols=OpenFlow13')
      expect((await next()).dpid).toBe(`0x${dpid}`)
    },
  )
})
