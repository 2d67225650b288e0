import { afterAll, afterEach, beforeAll, describe, expect, test } from 'bun:test'
import { join } from 'node:path'
import {
  eventually,
  type OpenVswitch,
  runCommand,
  startOpenVswitch,
} from '../../../tests/support/open-vswitch.ts'
import { createAuthority } from './testing-certificates.ts'
import { startChannel } from './testing-channel.ts'
import { addBridge, dpid, flowCount, flows, useOpenVswitch } from './testing-open-vswitch.ts'
import { useLater } from './testing-session.ts'

const later = useLater()

const lab = useOpenVswitch()

describe('Open vSwitch, dialling in', () => {
  /** Open vSwitch has its own network namespace, so only unix sockets, in its run directory, reach us from there. */
  test('over a unix socket', async () => {
    const path = join(lab.ovs.dir, 'host.sock')
    const { next } = await startChannel(later, { listen: [`unix:${path}`] })
    await lab.ovs.vsctl('set-controller', 'br0', `unix:${path}`)
    const session = await next()
    expect(session.peer).toMatchObject({ direction: 'accepted', transport: 'unix' })
    expect((await session.bundle(flows(100))).ok).toBe(true)
  })

  test('stands by beside the dialled connection, and serves when that is gone', async () => {
    const path = join(lab.ovs.dir, 'host.sock')
    const mgmt = `unix:${await lab.ovs.mgmt('br0')}`
    const { next, channel } = await startChannel(later, { listen: [`unix:${path}`], dial: [mgmt] })
    await next()
    await lab.ovs.vsctl('set-controller', 'br0', `unix:${path}`)
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
    await addBridge(other)
    near = await connectNamespace(lab.ovs, 0)
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
    await lab.ovs.vsctl('set-controller', 'br0', `tcp:${near.ours}:${portOf(at)}`)
    const session = await next()
    expect(session.peer).toMatchObject({ direction: 'accepted', remoteIp: near.theirs, local: false })
    expect((await session.bundle(flows(100))).ok).toBe(true)
    expect(await hidden(lab.ovs)).toEqual([])
    await lab.ovs.vsctl('remove', 'bridge', 'br0', 'other_config', 'disable-in-band')
    await eventually('the hidden flows of in-band control', async () => (await hidden(lab.ovs)).length > 0)
  })

  test('over TLS is served when its certificate names it', async () => {
    const { at, next, alarms } = await startChannel(later, {
      listen: [`ssl:${near.ours}:0`],
      tls: authority.issue('vnet-host'),
    })
    const { key, cert, ca } = authority.issue(dpid)
    await lab.ovs.vsctl(
      'set-ssl',
      key,
      cert,
      ca,
      '--',
      'set-controller',
      'br0',
      `ssl:${near.ours}:${portOf(at)}`,
    )
    const session = await next()
    expect(session.peer).toMatchObject({ transport: 'ssl', certificateName: dpid })
    expect((await session.bundle(flows(5_000))).ok).toBe(true)
    expect(await flowCount(session)).toBe(5_000)
    expect(alarms).toEqual([])
    await lab.ovs.vsctl('del-ssl')
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
    const dial = [`unix:${await lab.ovs.mgmt('br0')}`]
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
