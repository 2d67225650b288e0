/** The lease that a DHCP client has, gets by its lease policy, goes on with, or gives back. */
import {
  type Dhcp,
  type Draft,
  dhcpMessageType,
  type Effect,
  type PacketEnvironment,
  type PacketIn,
  type Row,
  remember,
  type State,
} from 'openvnet'
import { pipeline } from '../../flows/pipeline.ts'
import { findMachine, mayBeFound } from '../../state/found-machines.ts'
import { grant, grantAgain, type Means, moveOn } from '../../state/grant.ts'
import { deleteLease, firstReleaseOf, isRenewalDue, releaseLease, retainFrom } from '../../state/retention.ts'
import { type Server, serverOf } from '../../state/services.ts'
import { randomUuid } from '../../state/uuids.ts'
import { senderBehind } from '../../state/vlans.ts'
import { dhcpSourceOf, isOfIpv4, type Waiting, waitingFor } from '../../state/waiting.ts'
import { isForAnother, typeOf, wantedBy } from './answer.ts'

/** A packet's time is short. What is nearly full may be found full now and then; the client asks again. */
const lookUpsMax = 2_048

/** What a client says, and the MAC address that its frame is from. */
export interface FromClient {
  readonly source: number
  readonly message: Dhcp
}

export interface Lease {
  readonly mac: number
  /** 0: the client has none, and what it asks for is refused. */
  readonly address: number
  readonly network: Row<'networks'>
  readonly server: Server
  /** Its row; undefined: the client has none. */
  readonly row: Row<'ipLeases'> | undefined
}

/** The network that a packet is in, with who serves DHCP there. */
function placeOf(state: State, packet: PacketIn) {
  const network = state.networks.one('tunnelKey', pipeline.read(packet, 'network'))
  const server = network && serverOf(state, network.id, 'dhcp')
  return server && { network: network!, server }
}

/** The lease of this MAC on this interface in the network that the packet is in: of several the one that it asks for. */
function leaseOf(
  state: State,
  packet: PacketIn,
  { source: mac, message }: FromClient,
): Lease | { readonly ignore: string } {
  const place = placeOf(state, packet)
  if (place === undefined) return { ignore: 'no-service' }
  const macLease = state.macLeases.one('macAddress', mac)
  if (macLease === undefined || macLease.interface_id !== senderBehind(state, packet.objectId, mac))
    return { ignore: 'no-lease' }
  const leases = state.ipLeases
    .many('macLease', macLease.id)
    .filter((one) => one.network_id === place.network.id && isOfIpv4(one))
  // 0.0.0.0 stands for an address that is not known.
  const known = leases.filter((lease) => lease.ipv4_address !== 0)
  const wanted = wantedBy(message)
  const row = known.find((lease) => lease.ipv4_address === wanted) ?? known[0]
  if (row === undefined) return { ignore: leases.length === 0 ? 'no-lease' : 'no-address' }
  return { mac, address: row.ipv4_address, ...place, row }
}

/** The lease that a client has, or gets by its lease policy; or why it has none. */
export function leaseFor(env: PacketEnvironment, packet: PacketIn, from: FromClient) {
  const lease = leaseOf(env.state, packet, from)
  if (!('ignore' in lease) || lease.ignore !== 'no-lease') return lease
  return obtainLease(env, packet, from) ?? lease
}

export const meansOf = (env: PacketEnvironment, state: Draft): Means => ({
  state,
  now: env.now,
  random: () => env.random(),
  lookUpsMax,
})

/** A MAC is in one segment, that of its networks. */
export const fits = ({ macLease }: Waiting, { segment_id }: Row<'networks'>) =>
  segment_id === null || macLease.segment_id === null || macLease.segment_id === segment_id

/**
 * An address for a client that waits for one: what it had within the grace time, or the next of its policy. It is
 * given on DISCOVER, so that no offer is of an address that somebody else gets; a REQUEST gets back what it names.
 */
function obtainLease(
  env: PacketEnvironment,
  packet: PacketIn,
  { source: mac, message }: FromClient,
): Lease | Exhausted | { readonly ignore: string } | undefined {
  const type = typeOf(message)
  if (type !== dhcpMessageType.discover && type !== dhcpMessageType.request) return undefined
  const sender = senderBehind(env.state, packet.objectId, mac)
  if (sender === undefined || waitingFor(env.state, sender)?.macLease.mac_address !== mac)
    return type === dhcpMessageType.discover ? leaseToFound(env, packet, mac) : undefined
  const draft = env.draft()
  // Once more, through the draft: two messages of one client must not both get an address.
  const waiting = waitingFor(draft, sender)!
  const place = placeOf(draft, packet)!
  const { network, server } = place
  if (isForAnother(message, server.ipv4)) return { ignore: 'other-server' }
  if (waiting.from.network_id !== network.id || !fits(waiting, network)) return undefined
  const means = meansOf(env, draft)
  const lease = { mac, ...place }
  if (type === dhcpMessageType.request) {
    const row = grantAgain(means, waiting.macLease, network.id, wantedBy(message))
    return { ...lease, address: row?.ipv4_address ?? 0, row }
  }
  const row =
    grantAgain(means, waiting.macLease, network.id) ?? grant(means, { ...waiting, to: waiting.macLease })
  return row === undefined ? exhausted(waiting, network) : { ...lease, address: row.ipv4_address, row }
}

interface Exhausted {
  readonly exhausted: string
  /** The uuid of the network. */
  readonly about: string
}

const exhausted = ({ policy }: Waiting, { uuid }: Row<'networks'>): Exhausted => ({
  exhausted: `${policy.uuid} has no free address in ${uuid}`,
  about: uuid,
})

/** An address for a machine that nobody has described, where a lease policy has some for such. */
function leaseToFound(env: PacketEnvironment, packet: PacketIn, mac: number) {
  const place = placeOf(env.state, packet)
  if (place === undefined || !mayBeFound(env.state, packet.objectId, place.network.id, mac)) return undefined
  const draft = env.draft()
  const random = () => env.random()
  const isKnown = draft.macLeases.one('macAddress', mac) !== undefined
  const found = findMachine(draft, packet.objectId, place.network.id, mac, (prefix) =>
    randomUuid(prefix, random),
  )
  if (found === undefined) return undefined
  const means = meansOf(env, draft)
  const row =
    grantAgain(means, found.macLease, place.network.id) ?? grant(means, { ...found, to: found.macLease })
  if (row !== undefined) return { mac, ...place, address: row.ipv4_address, row }
  if (!isKnown) draft.interfaces.delete(found.macLease.interface_id!)
  return exhausted(found, place.network)
}

/** A client goes on with its lease: the time counts anew, if a policy gave it for DHCP. Answers the state with that. */
export function keepLease(env: PacketEnvironment, { row, network }: Pick<Lease, 'row' | 'network'>): State {
  const { state, now } = env
  // What this very message was given is in the draft only, and begins now.
  if (row === undefined || state.ipLeases.get(row.id)?.mac_lease_id !== row.mac_lease_id) return env.draft()
  if (!isRenewalDue(state, row.id, now) || dhcpSourceOf(state, row.interface_id!, network.id) === undefined)
    return state
  const draft = env.draft()
  const current = draft.ipLeases.get(row.id)!
  retainFrom(draft, current, now)
  return draft
}

/**
 * Every lease that is given back lets its client ask for another, and each of both is written. A client that declines
 * waits as long by itself (RFC 2131, 3.1.5).
 */
const giveBackIntervalMs = 10_000
/** Who has a lease again after a release may find its address in use at once: the one does not count for the other. */
export type GivenBack = 'released' | 'declined'
const givenBackKey = (how: GivenBack, { row }: Lease) => `dhcp ${how} ${row?.interface_id}`

/** Whether its interface has given back a lease in this way within the last `giveBackIntervalMs`. */
export const hasJustGivenBack = (env: PacketEnvironment, how: GivenBack, lease: Lease): boolean =>
  env.remembered(givenBackKey(how, lease)) !== undefined

/** Keeps in mind that it has. */
export const givenBack = (how: GivenBack, lease: Lease): Effect =>
  remember(givenBackKey(how, lease), new Uint8Array(0), giveBackIntervalMs)

/**
 * A client needs its lease no more. What a policy gave for DHCP is released, or free where nothing retains it. Answers
 * whether it was given so.
 */
export function giveBack(env: PacketEnvironment, message: Dhcp, { row, network }: Lease): boolean {
  if (row === undefined || message.clientAddress !== row.ipv4_address) return false
  if (dhcpSourceOf(env.state, row.interface_id!, network.id) === undefined) return false
  const draft = env.draft()
  const current = draft.ipLeases.get(row.id)!
  if (draft.ipRetentions.many('ipLease', row.id).length > 0) releaseLease(draft, current, env.now)
  else deleteLease(draft, current)
  return true
}

/**
 * A client has found its address in use. What a policy gave for DHCP becomes another address; the one before is free, so
 * that nobody can use up a pool by declining, and comes last again. Answers whether there was one to give.
 */
export function replaceLease(env: PacketEnvironment, { row, network }: Lease): boolean {
  const from = row && dhcpSourceOf(env.state, row.interface_id!, network.id)
  if (row === undefined || from === undefined) return false
  const draft = env.draft()
  return moveOn(meansOf(env, draft), from, draft.ipLeases.get(row.id)!) !== undefined
}

/** How long a lease has left, in seconds; undefined: for ever. */
export function secondsLeft(state: State, { row }: Pick<Lease, 'row'>, now: number): number | undefined {
  const until = row && firstReleaseOf(state, row.id)
  return until === undefined ? undefined : Math.max(Math.floor((until - now) / 1_000), 1)
}
