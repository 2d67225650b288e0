import { expect, test } from 'bun:test'
import { silent } from '../../../runtime/log.ts'
import {
  type Effect,
  ipv6BytesOf,
  parseEthernet,
  parseIpv6Header,
  unspecifiedIpv6,
} from '../../../runtime/openvnet.ts'
import { buildIcmpv6Frame } from '../../../runtime/packet/icmpv6.ts'
import { guestLinkLocal, guestMac, inNetwork, ipv6Rows, serverMac } from '../../testing/ipv6-rows.ts'
import { punted } from '../../testing/packet.ts'
import { stateOf } from '../../testing/state.ts'
import advertise from '../router-advertisement/router-advertisement.ts'
import neighbour from './neighbour.ts'

const env = (state = stateOf(ipv6Rows)) => ({
  ...{ state, now: 0, random: () => 0, log: silent },
  ...{ draft: () => state as never, remembered: () => undefined },
})
const target = '2001:db8::2'
const advertisesRouter = 1 << 18

/** As the flows punt it: the owner's MAC is the source, the sender's the destination. */
const solicitation = (source: string, owner = serverMac, hopLimit = 255) =>
  buildIcmpv6Frame(
    {
      ethernet: { source: owner, destination: guestMac },
      ip: { source, destination: 'ff02::1:ff00:2', hopLimit },
      type: 135,
    },
    new Uint8Array([0, 0, 0, 0, ...ipv6BytesOf(target)]),
  )

function read(effect: unknown) {
  const { type, frame } = effect as Effect & { frame: Uint8Array }
  if (type !== 'packet-out') return effect
  const view = new DataView(frame.buffer)
  const ethernet = parseEthernet(view)!
  const ip = parseIpv6Header(view, ethernet.payload)!
  return {
    ...{ from: ethernet.source, to: ethernet.destination, source: ip.source, destination: ip.destination },
    ...{ type: view.getUint8(ip.payload), flags: view.getUint8(ip.payload + 4) },
  }
}
const answer = (frame: Uint8Array, mark = 0, objectId = 1) =>
  read(neighbour.handle(punted(frame, { objectId, register: inNetwork(1, mark) }), env()))

test('who asks without its MAC is answered, and who asks whether an address is free, that it is not', () => {
  expect(answer(solicitation(guestLinkLocal))).toEqual({
    ...{ from: serverMac, to: guestMac, source: target, destination: guestLinkLocal, type: 136, flags: 0x60 },
  })
  expect(answer(solicitation(guestLinkLocal), advertisesRouter)).toMatchObject({ flags: 0xe0 })
  expect(answer(solicitation(unspecifiedIpv6))).toEqual({
    ...{
      from: serverMac,
      to: 0x3333_0000_0001,
      source: target,
      destination: 'ff02::1',
      type: 136,
      flags: 0x20,
    },
  })
})

test('its own address is free to a machine; from farther away, and for others, nothing is answered', () => {
  expect(answer(solicitation(unspecifiedIpv6, guestMac))).toEqual({ type: 'drop', reason: 'own-address' })
  expect(answer(solicitation(guestLinkLocal, serverMac, 254))).toEqual({ type: 'drop', reason: 'malformed' })
  expect(answer(solicitation(guestLinkLocal), 0, 2)).toEqual({ type: 'drop', reason: 'no-lease' })
  const whole = solicitation(guestLinkLocal)
  for (let length = 0; length < whole.length - 1; length++)
    expect(answer(whole.slice(0, length))).toEqual({ type: 'drop', reason: 'malformed' })
})

test('a router is advertised to who asks, with the prefix, the MTU and the name server', () => {
  const asked = (source: string, state = stateOf(ipv6Rows)) => {
    const frame = buildIcmpv6Frame(
      {
        ethernet: { source: guestMac, destination: 0x3333_0000_0002 },
        ip: { source, destination: 'ff02::2', hopLimit: 255 },
        type: 133,
      },
      new Uint8Array(4),
    )
    return advertise.handle(punted(frame, { objectId: 1, register: inNetwork(1) }), env(state))
  }
  const told = asked(guestLinkLocal) as unknown as { frame: Uint8Array }
  expect(read(told)).toMatchObject({ source: 'fe80::ff:fe00:3', destination: guestLinkLocal, type: 134 })
  const text = told.frame.toHex()
  expect(text.slice(116, 124)).toBe('40c0ffff')
  expect(text).toContain('05010000000005b2')
  expect(text).toContain(`03044080ffffffffffffffff00000000${ipv6BytesOf('2001:db8::').toHex()}`)
  expect(text).toContain(`190300000000ffff${ipv6BytesOf(target).toHex()}`)
  expect(read(asked(unspecifiedIpv6))).toMatchObject({ destination: 'ff02::1', to: 0x3333_0000_0001 })
  const without = stateOf({
    ...ipv6Rows,
    interfaces: ipv6Rows.interfaces.map((one) => ({ ...one, enable_routing: false })),
  })
  expect(
    (asked(guestLinkLocal, without) as unknown as { frame: Uint8Array }).frame.toHex().slice(116, 124),
  ).toBe('40c00000')
  const nobody = stateOf({ ...ipv6Rows, interfaceNetworks: ipv6Rows.interfaceNetworks.slice(0, 1) })
  expect(asked(guestLinkLocal, nobody)).toEqual({ type: 'drop', reason: 'no-router' })
})
