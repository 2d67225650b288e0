import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import { join } from 'node:path'
import {
  eventually,
  type OpenVswitch,
  runCommand,
  startOpenVswitch,
} from '../../../tests/support/open-vswitch.ts'
import { decode, type FlowMod, type Message } from '../index.ts'
import type { DatapathSession } from './datapath-session.ts'
import { createAuthority } from './testing-certificates.ts'
import { startChannel, type TestChannel } from './testing-channel.ts'

const undo: (() => void)[] = []
const later = (step: () => void) => void undo.push(step)
afterEach(() => {
  for (const step of undo.splice(0).reverse()) step()
})

const dpid = '00000000000000a1'
let ovs: OpenVswitch
beforeAll(async () => {
  ovs = await startOpenVswitch({ name: 'channel' })
}, 30_000)
afterAll(() => ovs.stop())

beforeEach(async () => {
  const other = `other_config:datapath-id=${dpid}`
  const settings = ['datapath_type=netdev', 'fail_mode=secure', other, 'other_config:disable-in-band=true']
  await ovs.vsctl('--if-exists', 'del-br', 'br0')
  await ovs.vsctl('add-br', 'br0', '--', 'set', 'bridge', 'br0', ...settings)
})

const base = { version: 4, xid: 0 } as const
const flow = (number: number, outPort = 1): FlowMod => ({
  ...base,
  type: 'OFPT_FLOW_MOD',
  cookie: BigInt(number),
  cookie_mask: 0n,
  table_id: 0,
  command: 'OFPFC_ADD',
  idle_timeout: 0,
  hard_timeout: 0,
  priority: 10,
  buffer_id: 'OFP_NO_BUFFER',
  out_port: 'OFPP_ANY',
  out_group: 'OFPG_ANY',
  flags: [],
  match: [{ field: 'metadata', value: BigInt(number) }],
  instructions: [
    { type: 'OFPIT_APPLY_ACTIONS', actions: [{ type: 'OFPAT_OUTPUT', port: outPort, max_len: 0 }] },
  ],
})
/** Refused: goes back to its own table. */
const badFlow: FlowMod = { ...flow(999_999), instructions: [{ type: 'OFPIT_GOTO_TABLE', table_id: 0 }] }
/** Refused only at the commit: names a group that is not there. */
const danglingFlow: FlowMod = {
  ...flow(999_998),
  instructions: [{ type: 'OFPIT_APPLY_ACTIONS', actions: [{ type: 'OFPAT_GROUP', group_id: 77 }] }],
}
const flows = (count: number) => Array.from({ length: count }, (_, number) => flow(number + 1))
const flowsRequest: Message = {
  ...base,
  type: 'OFPT_MULTIPART_REQUEST',
  multipart_type: 'OFPMP_FLOW',
  flags: [],
  body: {
    table_id: 'OFPTT_ALL',
    out_port: 'OFPP_ANY',
    out_group: 'OFPG_ANY',
    cookie: 0n,
    cookie_mask: 0n,
    match: [],
  },
}

async function flowCount(session: DatapathSession): Promise<number> {
  const parts = await session.multipart(flowsRequest, 20_000)
  if (!parts.ok) throw new Error(JSON.stringify(parts.problem))
  return parts.value.flatMap((part) =>
    part.type === 'OFPT_MULTIPART_REPLY' && part.multipart_type === 'OFPMP_FLOW' ? part.body : [],
  ).length
}

async function dialled(): Promise<TestChannel & { session: DatapathSession }> {
  const mgmt = await ovs.mgmt('br0')
  const channel = await startChannel(later, { listen: [], dial: [`unix:${mgmt}`] })
  return { ...channel, session: await channel.next() }
}

describe('Open vSwitch, dialled', () => {
  test('joins with everything it can do, and no flow is touched', async () => {
    await ovs.ofctl('add-flow', 'br0', 'cookie=0x7,priority=3,actions=drop')
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
    const dump = await ovs.ofctl('--no-stats', 'dump-flows', 'br0')
    expect(dump.trim()).toBe('cookie=0x7, priority=3 actions=drop')
    const controllers = await ovs.vsctl('get-controller', 'br0')
    expect(controllers).toBe('')
  })

  test('is found again after it was killed', async () => {
    const { next, left } = await dialled()
    await ovs.killVswitchd()
    await eventually('it to leave', () => left.length === 1)
    await ovs.startVswitchd()
    expect((await next()).bundlesSupported).toBe(true)
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
      const before = await ovs.ofctl('--no-stats', 'dump-flows', 'br0')
      const changed = Array.from({ length: 5_000 }, (_, number) => flow(number + 1, 2))
      const result = await session.bundle([...changed.slice(0, 1_234), bad, ...changed.slice(1_234)])
      expect(result).toMatchObject({ ok: false, applied: 'none', refused: [{ index: 1_234 }] })
      expect(await ovs.ofctl('--no-stats', 'dump-flows', 'br0')).toBe(before)
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
    await ovs.vsctl('add-port', 'br0', 'p1', '--', 'set', 'interface', 'p1', 'type=internal')
    await eventually('the port', () => [...session.ports.values()].some(({ name }) => name === 'p1'))
    await ovs.vsctl('del-port', 'p1')
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
    const dump = await ovs.ofctl('--no-stats', 'dump-flows', 'br0')
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
      await ovs.vsctl('set', 'bridge', 'br0', `protocols=${protocols}`)
      const mgmt = await ovs.mgmt('br0')
      const { joined, channel, next } = await startChannel(later, { listen: [], dial: [`unix:${mgmt}`] })
      await Bun.sleep(500)
      expect(joined).toEqual([])
      expect(channel.connections().filter(({ state }) => state !== 'handshake')).toEqual([])
      await ovs.vsctl('set', 'bridge', 'br0', 'protocols=OpenFlow13')
      expect((await next()).dpid).toBe(`0x${dpid}`)
    },
  )
})

describe('Open vSwitch, dialling in', () => {
  /** Open vSwitch has its own network namespace, so only unix sockets, in its run directory, reach us from there. */
  test('over a unix socket', async () => {
    const path = join(ovs.dir, 'host.sock')
    const { next } = await startChannel(later, { listen: [`unix:${path}`] })
    await ovs.vsctl('set-controller', 'br0', `unix:${path}`)
    const session = await next()
    expect(session.peer).toMatchObject({ direction: 'accepted', transport: 'unix' })
    expect((await session.bundle(flows(100))).ok).toBe(true)
  })

  test('stands by beside the dialled connection, and serves when that is gone', async () => {
    const path = join(ovs.dir, 'host.sock')
    const mgmt = `unix:${await ovs.mgmt('br0')}`
    const { next, channel } = await startChannel(later, { listen: [`unix:${path}`], dial: [mgmt] })
    await next()
    await ovs.vsctl('set-controller', 'br0', `unix:${path}`)
    await eventually('the second', () => channel.connections().some(({ state }) => state === 'standing by'))
    channel.hangUp(mgmt)
    const session = await next()
    expect(session.peer.direction).toBe('accepted')
    expect((await session.barrier()).ok).toBe(true)
    channel.dial(mgmt)
    expect((await next()).peer.direction).toBe('dialled')
  })
})

/** Makes the namespace of an Open vSwitch reachable by TCP. Returns our address and its. */
async function connectNamespace(to: OpenVswitch, index: number): Promise<{ ours: string; theirs: string }> {
  const name = `c${process.pid % 100_000}x${index}`
  const [ours, theirs] = [
    `198.18.${process.pid % 256}.${index * 4 + 1}`,
    `198.18.${process.pid % 256}.${index * 4 + 2}`,
  ]
  await runCommand(['ip', 'link', 'add', name, 'type', 'veth', 'peer', 'name', 'uplink', 'netns', to.netns])
  await runCommand(['ip', 'addr', 'add', `${ours}/30`, 'dev', name])
  await runCommand(['ip', 'link', 'set', name, 'up'])
  await to.exec('ip', 'addr', 'add', `${theirs}/30`, 'dev', 'uplink')
  await to.exec('ip', 'link', 'set', 'uplink', 'up')
  return { ours, theirs }
}

describe('Open vSwitch, dialling in over the network', () => {
  const authority = createAuthority('the authority')
  let other: OpenVswitch
  let near: { ours: string; theirs: string }
  let far: { ours: string; theirs: string }
  beforeAll(async () => {
    other = await startOpenVswitch({ name: 'other' })
    const settings = ['datapath_type=netdev', 'fail_mode=secure', `other_config:datapath-id=${dpid}`]
    await other.vsctl(
      'add-br',
      'br0',
      '--',
      'set',
      'bridge',
      'br0',
      ...settings,
      'other_config:disable-in-band=true',
    )
    near = await connectNamespace(ovs, 0)
    far = await connectNamespace(other, 1)
  }, 30_000)
  afterAll(async () => {
    await other.stop()
    authority.remove()
  })
  afterEach(() => other.vsctl('del-controller', 'br0', '--', 'del-ssl'))

  const portOf = (at: string) => at.slice(at.lastIndexOf(':') + 1)
  const hidden = async (from: OpenVswitch) =>
    (await from.appctl('bridge/dump-flows', 'br0')).match(/priority=18\d{4}/g) ?? []

  test('over TCP is served, and adds no hidden flows', async () => {
    const { at, next } = await startChannel(later, { listen: [`tcp:${near.ours}:0`] })
    await ovs.vsctl('set-controller', 'br0', `tcp:${near.ours}:${portOf(at)}`)
    const session = await next()
    expect(session.peer).toMatchObject({ direction: 'accepted', remoteIp: near.theirs, local: false })
    expect((await session.bundle(flows(100))).ok).toBe(true)
    expect(await hidden(ovs)).toEqual([])
    await ovs.vsctl('remove', 'bridge', 'br0', 'other_config', 'disable-in-band')
    await eventually('the hidden flows of in-band control', async () => (await hidden(ovs)).length > 0)
  })

  test('over TLS is served when its certificate names it', async () => {
    const { at, next, alarms } = await startChannel(later, {
      listen: [`ssl:${near.ours}:0`],
      tls: authority.issue('vnet-host'),
    })
    const { key, cert, ca } = authority.issue(dpid)
    await ovs.vsctl('set-ssl', key, cert, ca, '--', 'set-controller', 'br0', `ssl:${near.ours}:${portOf(at)}`)
    const session = await next()
    expect(session.peer).toMatchObject({ transport: 'ssl', certificateName: dpid })
    expect((await session.bundle(flows(5_000))).ok).toBe(true)
    expect(await flowCount(session)).toBe(5_000)
    expect(alarms).toEqual([])
    await ovs.vsctl('del-ssl')
  }, 20_000)

  test('over TLS is refused when its certificate names another', async () => {
    const tls = authority.issue('vnet-host')
    const { at, joined, alarms } = await startChannel(later, { listen: [`ssl:${far.ours}:0`], tls })
    const { key, cert, ca } = authority.issue('00000000000000a2')
    await other.vsctl(
      'set-ssl',
      key,
      cert,
      ca,
      '--',
      'set-controller',
      'br0',
      `ssl:${far.ours}:${portOf(at)}`,
    )
    await eventually('the alarm', () => alarms.length === 1)
    expect(alarms[0]).toMatchObject({ kind: 'identity-mismatch', dpid: `0x${dpid}` })
    expect(joined).toEqual([])
  })

  test('another switch with the same datapath id is refused, and raises one alarm however often it calls', async () => {
    const dial = [`unix:${await ovs.mgmt('br0')}`]
    const { at, next, alarms, left } = await startChannel(later, { listen: [`tcp:${far.ours}:0`], dial })
    const session = await next()
    const settings = ['max_backoff=1000', 'inactivity_probe=5000']
    await other.vsctl(
      'set-controller',
      'br0',
      `tcp:${far.ours}:${portOf(at)}`,
      '--',
      'set',
      'controller',
      'br0',
      ...settings,
    )
    await eventually('the alarm', () => alarms.length === 1)
    expect(alarms[0]).toMatchObject({ kind: 'duplicate-datapath', peer: { remoteIp: far.theirs } })
    await Bun.sleep(2_500)
    expect(alarms.length).toBe(1)
    expect(left).toEqual([])
    expect((await session.barrier()).ok).toBe(true)
  }, 20_000)
})
