/** The lease that a DHCPv6 client gets by its lease policy, or goes on with. It is that of DHCP: one lease has both addresses. */
import type { PacketEnvironment, State } from 'openvnet'
import { grant, grantAgain } from '../../state/grant.ts'
import { waitingFor } from '../../state/waiting.ts'
import { fits, keepLease, meansOf } from '../dhcp/lease.ts'
import type { Client } from './client.ts'

/** The state in which a client that waits for a lease has it: what it had within the grace time, or the next of its policy. */
function obtain(env: PacketEnvironment, { mac, network }: Client): State {
  const interfaceId = env.state.macLeases.one('macAddress', mac)?.interface_id ?? undefined
  const waiting = interfaceId === undefined ? undefined : waitingFor(env.state, interfaceId)
  const isHere = waiting?.macLease.mac_address === mac && waiting.from.network_id === network.id
  if (interfaceId === undefined || !isHere || !fits(waiting, network)) return env.state
  const draft = env.draft()
  // Once more, through the draft: two messages of one client must not both get an address.
  const still = waitingFor(draft, interfaceId)
  if (still === undefined) return draft
  const means = meansOf(env, draft)
  const { macLease: to } = still
  if (grantAgain(means, to, network.id) === undefined) grant(means, { ...still, to })
  return draft
}

/** The state in which a client is answered that asks for its addresses: their time counts anew, if a policy gave them. */
export function stateForUse(env: PacketEnvironment, client: Client): State {
  const { leases, network } = client
  if (leases.length === 0) return obtain(env, client)
  return leases.map((row) => keepLease(env, { row, network })).at(-1)!
}
