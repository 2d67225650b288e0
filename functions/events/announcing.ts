/**
 * Who serves anew announces the addresses that are found by way of it, so that switches and machines which know them elsewhere
 * send to it: by gratuitous ARP (RFC 5227), and unsolicited neighbour advertisements (RFC 4861, 7.2.6). All there are, at
 * a rate; how far that has come the host that does it remembers.
 */
import {
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

/** Addresses in one place that are announced at once, and once more so many with each run until all are. */
export const announcedPerRun = 720
/** The schedule `announcements` runs that often. */
export const announcingMs = 1_000
/** As many addresses as one packet-out announces. */
const addressesPerMessage = 12
const rememberedMs = 10_000
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

/** What each packet-out of ARP begins with; its actions put in who it is about. */
const request = buildArp(
  { destination: broadcastMac, source: 0 },
  { operation: arpOperation.request, senderMac: 0, senderIpv4: 0, targetMac: 0, targetIpv4: 0 },
)

const tags = ({ vlanId }: Audience) => (vlanId === null ? [] : tagged(vlanId))

function byArp(audience: Audience, addresses: readonly { readonly mac: number; readonly ip: number }[]) {
  const { dpid, port } = audience
  return Array.from({ length: Math.ceil(addresses.length / addressesPerMessage) }, (_, part) => {
    const some = addresses.slice(part * addressesPerMessage, (part + 1) * addressesPerMessage)
    const each = some.flatMap(
      ({ mac, ip }) =>
        [
          { set: 'eth_src', to: mac },
          { set: 'arp_sha', to: mac },
          { set: 'arp_spa', to: ip },
          { set: 'arp_tpa', to: ip },
          { output: port },
        ] as const,
    )
    return sendOn(dpid, sendThrough(pipeline.actions('arp', [...tags(audience), ...each]), request))
  })
}

function byAdvertisement(audience: Audience, { mac, ip, isRouter }: Announced & { readonly ip: string }) {
  const frame = buildAdvertisement(
    { ethernet: { destination: allNodes.mac, source: mac }, source: ip, destination: allNodes.address },
    { target: ip, mac, isRouter, isSolicited: false },
  )
  const actions = pipeline.actions('output', [...tags(audience), { output: audience.port }])
  return sendOn(audience.dpid, sendThrough(actions, frame))
}

/** At once. */
export const announce = (audience: Audience, addresses: readonly Announced[]): Effect[] => [
  ...byArp(
    audience,
    addresses.flatMap(({ mac, ip }) => (typeof ip === 'number' ? [{ mac, ip }] : [])),
  ),
  ...addresses.flatMap((one) =>
    typeof one.ip === 'string' ? [byAdvertisement(audience, { ...one, ip: one.ip })] : [],
  ),
]

const keyOf = ({ key, dpid }: Audience) => `announced ${dpid} ${key}`

/** The next ones, and how far that is. */
export function announceFrom(audience: Audience, all: readonly Announced[], from: number): Effect[] {
  const some = all.slice(from, from + announcedPerRun)
  const position = new TextEncoder().encode(`${from + some.length}`)
  return [...announce(audience, some), remember(keyOf(audience), position, rememberedMs)]
}

/** Goes on where there is something left of what was begun a moment ago. */
export function goOnAnnouncing(
  audience: Audience,
  all: () => readonly Announced[],
  remembered: (key: string) => Remembered | undefined,
): Effect[] {
  const known = remembered(keyOf(audience))
  if (known === undefined) return []
  const from = Number(new TextDecoder().decode(known.bytes))
  const addresses = all()
  return from < addresses.length ? announceFrom(audience, addresses, from) : []
}
