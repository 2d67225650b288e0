import { afterAll, expect, test } from 'bun:test'
import { type Announced, addressesPerMessage, announce } from '../../functions/events/announcing.ts'
import { readEachEffect } from '../../runtime/dispatch/effect-reader.ts'
import type { HostEffect } from '../../runtime/dispatch/host-effect.ts'
import { PacketOutBuffer } from '../../runtime/dispatch/packet-out-buffer.ts'
import { type Channel, createChannel, type DatapathSession } from '../../runtime/openflow/channel/index.ts'
import { broadcastMac, buildAdvertisement, buildArp, parseIpv4 } from '../../runtime/openvnet.ts'
import { withVlanTag } from '../../runtime/packet/ethernet.ts'
import { type OpenVswitch, startOpenVswitch } from '../support/open-vswitch.ts'
import { arriving } from '../support/wire.ts'

const port = 5
const vlanId = 100
let ovs: OpenVswitch | undefined
let channel: Channel | undefined
afterAll(async () => {
  channel?.close()
  await ovs?.stop()
})

/** A switch with one port, and nothing but what is sent through it. */
async function connect() {
  ovs = await startOpenVswitch({ name: 'announce' })
  await ovs.vsctl('add-br', 'br0', '--', 'set', 'bridge', 'br0', 'datapath_type=netdev', 'fail_mode=secure')
  const request = `ofport_request=${port}`
  await ovs.vsctl('add-port', 'br0', 'out', '--', 'set', 'interface', 'out', 'type=internal', request)
  await ovs.exec('ip', 'link', 'set', 'out', 'up')
  const { promise, resolve } = Promise.withResolvers<DatapathSession>()
  const dial = [`unix:${await ovs.mgmt('br0')}`]
  channel = createChannel({ listen: [], dial, admit: () => ({ serve: true }), onJoined: resolve })
  await channel.start()
  return { session: await promise, place: { name: 'out', netns: ovs.netns, device: 'out' } }
}

const macOf = (n: number) => 0x0200_0000_0000 + n
/** More than one packet-out has room for. */
const numbers = Array.from({ length: addressesPerMessage + 2 }, (_, n) => n + 1)
const machines = numbers.flatMap((n) => [
  { mac: macOf(n), ip: parseIpv4(`10.0.0.${n}`)!, isRouter: false },
  { mac: macOf(n), ip: `2001:db8::${n.toString(16)}`, isRouter: false },
])
/** No more in all than a capture has room for in one burst. */
const announced: readonly Announced[] = [
  ...machines,
  { mac: macOf(0x80), ip: '2001:db8::80', isRouter: true },
  { mac: macOf(0x81), ip: '2001:db8::81', isRouter: true },
]

/** The frame that announces one address by itself. */
function frameOf({ mac, ip, isRouter }: Announced): string {
  const frame =
    typeof ip === 'number'
      ? buildArp(
          { destination: broadcastMac, source: mac },
          { operation: 1, senderMac: mac, senderIpv4: ip, targetMac: 0, targetIpv4: ip },
        )
      : buildAdvertisement(
          { ethernet: { destination: 0x3333_0000_0001, source: mac }, source: ip, destination: 'ff02::1' },
          { target: ip, mac, isRouter, isSolicited: false },
        )
  return withVlanTag(frame, vlanId).toHex()
}

test('many addresses leave with one packet-out, each as if it were alone, with its checksums', async () => {
  const { session, place } = await connect()
  const effects: HostEffect[] = []
  const audience = { key: '', dpid: session.dpid, port, vlanId }
  const refused = readEachEffect(announce(audience, announced), new PacketOutBuffer(0, 0), effects)
  expect([refused, effects.length]).toEqual([undefined, 5])
  const { out } = await arriving([place], 'vlan 100', async () => {
    for (const effect of effects) if (effect.type === 'send-on') session.packetOut(effect.bytes)
    await session.barrier(5_000)
  })
  expect(out!.sort()).toEqual(announced.map(frameOf).sort())
}, 30_000)
