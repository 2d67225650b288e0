/**
 * Who serves anew announces the addresses that are found by way of it, so that switches and machines which know them elsewhere
 * send to it: by gratuitous ARP (RFC 5227), and unsolicited neighbour advertisements (RFC 4861, 7.2.6). All there are, at
 * a rate; how far that has come the host that does it remembers.
 */
import {
  type Action,
  arpOperation,
  broadcastMac,
  buildAdvertisement,
  buildArp,
  type Effect,
  type Remembered,
  remember,
  type State,
  sendOn,
  sendThrough,
} from 'openvnet'
import { pipeline } from '../flows/pipeline.ts'
import { addressesIn } from '../flows/places.ts'
import { tagged } from '../flows/vlans/trunk.ts'
import { isIpv6Router } from '../state/ipv6.ts'

/** Packet-outs by which one place is announced at once, when it is served anew. */
export const messagesAtOnce = 60
/** Those of one run of the schedule `announcements`, of all places together; what is left is announced by the next ones. */
export const messagesPerRun = 240
/** It runs that often. */
export const announcingMs = 1_000
/** As many addresses as one packet-out announces. */
export const addressesPerMessage = 12
/** For so long a place may wait for its turn. */
const rememberedMs = 600_000
const allNodes = { address: 'ff02::1', mac: 0x3333_0000_0001 }

/** Where addresses are announced: out of a port, in a VLAN or in none. */
export interface Audience {
  /** Tells it from all others. */
  readonly key: string
  readonly dpid: string
  readonly port: number
  readonly vlanId: number | null
}

/** A number is an address of IPv4, text one of IPv6. */
export interface Announced {
  readonly mac: number
  readonly ip: number | string
  readonly isRouter: boolean
}

/** What an interface has in a network. */
export function announcedBy(state: State, interfaceId: number, networkId: number): Announced[] {
  const isRouter = isIpv6Router(state, interfaceId, networkId)
  return addressesIn(state, interfaceId, networkId).flatMap(({ mac: { mac_address: mac }, ips, ipv6s }) =>
    [...ips, ...ipv6s].map((ip) => ({ mac, ip, isRouter })),
  )
}

type Said = Announced & { readonly ip: number }
type Advertised = Announced & { readonly ip: string }

/** What each packet-out of ARP begins with; its actions put in who it is about. */
const request = buildArp(
  { destination: broadcastMac, source: 0 },
  { operation: arpOperation.request, senderMac: 0, senderIpv4: 0, targetMac: 0, targetIpv4: 0 },
)

const byArp = (port: number, { mac, ip }: Said): Action[] =>
  pipeline.actions('arp', [
    ...([
      { set: 'eth_src', to: mac },
      { set: 'arp_sha', to: mac },
    ] as const),
    ...([{ set: 'arp_spa', to: ip }, { set: 'arp_tpa', to: ip }, { output: port }] as const),
  ])

/** The same of advertisements: all that has no field in flows is in them. */
const advertisement = (isRouter: boolean) =>
  buildAdvertisement(
    { ethernet: { destination: allNodes.mac, source: 0 }, source: '::', destination: allNodes.address },
    { target: '::', mac: 0, isRouter, isSolicited: false },
  )

const byAdvertisement = (port: number, { mac, ip }: Advertised): Action[] => [
  ...pipeline.actions('advertisement', [{ set: 'ipv6_src', to: ip }]),
  ...pipeline.actions('solicitation', [
    ...([
      { set: 'eth_src', to: mac },
      { set: 'ipv6_nd_target', to: ip },
    ] as const),
    ...([{ set: 'ipv6_nd_tll', to: mac }, { output: port }] as const),
  ]),
]

/** Some addresses with each packet-out, one after the other. */
function packed<A>(
  { dpid, port, vlanId }: Audience,
  addresses: readonly A[],
  frame: Uint8Array,
  actionsOf: (port: number, address: A) => Action[],
): Effect[] {
  const tag = vlanId === null ? [] : pipeline.actions('output', tagged(vlanId))
  return Array.from({ length: Math.ceil(addresses.length / addressesPerMessage) }, (_, part) => {
    const some = addresses.slice(part * addressesPerMessage, (part + 1) * addressesPerMessage)
    return sendOn(dpid, sendThrough([...tag, ...some.flatMap((one) => actionsOf(port, one))], frame))
  })
}

/** At once: of each kind of frame (ARP, and advertisements of routers and of others) as few as can be. */
export function announce(audience: Audience, addresses: readonly Announced[]): Effect[] {
  const said = addresses.filter((one): one is Said => typeof one.ip === 'number')
  const advertised = addresses.filter((one): one is Advertised => typeof one.ip === 'string')
  const [routers, others] = [true, false].map((isRouter) =>
    packed(
      audience,
      advertised.filter((one) => one.isRouter === isRouter),
      advertisement(isRouter),
      byAdvertisement,
    ),
  )
  return [...packed(audience, said, request, byArp), ...routers!, ...others!]
}

const keyOf = ({ key, dpid }: Audience) => `announced ${dpid} ${key}`

/** Told by no position at all: there is nothing left. */
const done = new Uint8Array()

/** The next ones, by about so many packet-outs (each kind of frame may have one that is not full), and how far that is. */
export function announceFrom(
  audience: Audience,
  all: readonly Announced[],
  from: number,
  messagesMax = messagesAtOnce,
): Effect[] {
  const next = from + messagesMax * addressesPerMessage
  const position = next < all.length ? new TextEncoder().encode(`${next}`) : done
  return [...announce(audience, all.slice(from, next)), remember(keyOf(audience), position, rememberedMs)]
}

/** Goes on where there is something left of what was begun. */
export function goOnAnnouncing(
  audience: Audience,
  all: () => readonly Announced[],
  remembered: (key: string) => Remembered | undefined,
  messagesMax: number,
): Effect[] {
  const known = remembered(keyOf(audience))
  if (messagesMax <= 0 || known === undefined || known.bytes.length === 0) return []
  return announceFrom(audience, all(), Number(new TextDecoder().decode(known.bytes)), messagesMax)
}
