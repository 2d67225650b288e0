/** The lease that a DHCP client has, gets by its lease policy, goes on with, or gives back. */
import { type Dhcp, dhcpMessageType, type PacketEnvironment, type Row, type State } from 'openvnet'
import { grant, grantAgain } from '../../state/grant.ts'
import { deleteLease, firstReleaseOf, isRenewalDue, releaseLease, retainFrom } from '../../state/retention.ts'
import { type Server, serverOf } from '../../state/services.ts'
import { isByDhcp, type Waiting, waitingFor } from '../../state/waiting.ts'
import { typeOf, wantedBy } from './answer.ts'

/** A packet's time is short. What is nearly full may be found full now and then; the client asks again. */
const lookUpsMax = 2_048

export interface Lease {
  readonly mac: number
  /** 0: the client has none, and what it asks for is refused. */
  readonly address: number
  readonly network: Row<'networks'>
  readonly server: Server
  /** Its row; undefined: the client has none. */
  readonly row: Row<'ipLeases'> | undefined
}

/** The lease of this MAC on this interface, in the first of its networks that has a DHCP service. */
export function leaseOf(state: State, interfaceId: number, mac: number): Lease | undefined {
  const macLease = state.macLeases.one('macAddress', mac)
  if (macLease?.interface_id !== interfaceId) return undefined
  for (const row of state.ipLeases.many('macLease', macLease.id)) {
    const network = state.networks.get(row.network_id)
    const server = network && serverOf(state, network.id, 'dhcp')
    if (server !== undefined) return { mac, address: row.ipv4_address, network: network!, server, row }
  }
  return undefined
}

/** A MAC is in one segment, that of its networks. */
const fits = ({ macLease }: Waiting, { segment_id }: Row<'networks'>) =>
  segment_id === null || macLease.segment_id === null || macLease.segment_id === segment_id

/**
 * An address for a client that waits for one: what it had within the grace time, or the next of its policy. It is
 * given on DISCOVER, so that no offer is of an address that somebody else gets; a REQUEST gets back what it names.
 */
export function obtainLease(
  env: PacketEnvironment,
  message: Dhcp,
  interfaceId: number,
  mac: number,
): Lease | { readonly exhausted: string } | undefined {
  const type = typeOf(message)
  if (type !== dhcpMessageType.discover && type !== dhcpMessageType.request) return undefined
  if (waitingFor(env.state, interfaceId)?.macLease.mac_address !== mac) return undefined
  const draft = env.draft()
  // Once more, through the draft: two messages of one client must not both get an address.
  const waiting = waitingFor(draft, interfaceId)!
  const network = draft.networks.get(waiting.from.network_id)!
  const server = serverOf(draft, network.id, 'dhcp')
  if (server === undefined || !fits(waiting, network)) return undefined
  const means = { state: draft, now: env.now, random: () => env.random(), lookUpsMax }
  const lease = { mac, network, server }
  if (type === dhcpMessageType.request) {
    const row = grantAgain(means, waiting.macLease, network.id, wantedBy(message))
    return { ...lease, address: row?.ipv4_address ?? 0, row }
  }
  const row =
    grantAgain(means, waiting.macLease, network.id) ?? grant(means, { ...waiting, to: waiting.macLease })
  if (row !== undefined) return { ...lease, address: row.ipv4_address, row }
  return { exhausted: `${waiting.policy.uuid} has no free address in ${network.uuid}` }
}

/** A client goes on with its lease: the time counts anew, if a policy gave it for DHCP. Answers the state with that. */
export function keepLease(env: PacketEnvironment, { row, network }: Lease): State {
  const { state, now } = env
  // What this very message was given is in the draft only, and begins now.
  if (row === undefined || state.ipLeases.get(row.id)?.mac_lease_id !== row.mac_lease_id) return env.draft()
  if (!isRenewalDue(state, row.id, now) || !isByDhcp(state, row.interface_id!, network.id)) return state
  const draft = env.draft()
  const current = draft.ipLeases.get(row.id)!
  retainFrom(draft, current, now)
  return draft
}

/** A client needs its lease no more. What a policy gave for DHCP is released, or free where nothing retains it. */
export function giveBack(env: PacketEnvironment, message: Dhcp, { row, network }: Lease): void {
  if (row === undefined || message.clientAddress !== row.ipv4_address) return
  if (!isByDhcp(env.state, row.interface_id!, network.id)) return
  const draft = env.draft()
  const current = draft.ipLeases.get(row.id)!
  if (draft.ipRetentions.many('ipLease', row.id).length > 0) releaseLease(draft, current, env.now)
  else deleteLease(draft, current)
}

/** How long a lease has left, in seconds; undefined: for ever. */
export function secondsLeft(state: State, { row }: Lease, now: number): number | undefined {
  const until = row && firstReleaseOf(state, row.id)
  return until === undefined ? undefined : Math.max(Math.floor((until - now) / 1_000), 1)
}
