/**
 * Machines that nobody has described and that asked for an address by DHCP, behind an interface that is in a lease policy:
 * each becomes an interface without a port, with its MAC address, in that policy. From then on it is a machine like any
 * other that waits for an address, has one, or gives it back; with the last of its leases the interface goes.
 */
import type { Draft, Row, State } from 'openvnet'
import { deleteInterface } from './active.ts'
import { learnsMachines } from './mac-learning.ts'
import { isLegacyMachine } from './vlans.ts'
import { networkOfPolicy, type Waiting } from './waiting.ts'

/** What gives addresses of a network to machines behind an interface: the first of its lease policies that may. */
function policyBehind(state: State, interfaceId: number, networkId: number) {
  const owner = state.interfaces.get(interfaceId)
  if (owner === undefined || !learnsMachines(owner.mode)) return undefined
  for (const { lease_policy_id, label } of state.leasePolicyInterfaces.many('interface', interfaceId)) {
    const policy = state.leasePolicies.get(lease_policy_id)
    const from = policy?.timing === 'dhcp' ? networkOfPolicy(state, policy.id) : undefined
    if (from?.network_id === networkId) return { policy: policy!, from, label }
  }
  return undefined
}

/** Whether a machine that nobody has described may get an address of the network there. */
export function mayBeFound(state: State, interfaceId: number, networkId: number, mac: number): boolean {
  if (policyBehind(state, interfaceId, networkId) === undefined) return false
  const known = state.macLeases.one('macAddress', mac)
  return known === undefined || isFound(state, known.interface_id)
}

const isFound = (state: State, interfaceId: number | null): boolean =>
  interfaceId !== null &&
  isLegacyMachine(state, interfaceId) &&
  state.leasePolicyInterfaces.many('interface', interfaceId).some(({ found }) => found)

/** What makes it an interface that waits for an address; undefined where it may get none. */
export function findMachine(
  draft: Draft,
  interfaceId: number,
  networkId: number,
  mac_address: number,
  uuidOf: (prefix: string) => string,
): Waiting | undefined {
  const given = policyBehind(draft, interfaceId, networkId)
  if (given === undefined || !mayBeFound(draft, interfaceId, networkId, mac_address)) return undefined
  const known = draft.macLeases.one('macAddress', mac_address)
  const interface_id = known?.interface_id ?? draft.interfaces.insert({ uuid: uuidOf('if'), mode: 'vif' }).id
  const macLease = known ?? draft.macLeases.insert({ uuid: uuidOf('ml'), interface_id, mac_address })
  const lease_policy_id = given.policy.id
  if (draft.leasePolicyInterfaces.one('pair', lease_policy_id, interface_id) === undefined)
    draft.leasePolicyInterfaces.insert({ lease_policy_id, interface_id, label: given.label, found: true })
  return { ...given, macLease }
}

/** Whoever has had a lease that is gone: without another, and without one to have again, it is forgotten. */
export function forgetFound(draft: Draft, macLease: Row<'macLeases'> | undefined): void {
  if (macLease === undefined || !isFound(draft, macLease.interface_id)) return
  const interfaceId = macLease.interface_id!
  const hasLease = draft.ipLeases.many('interface', interfaceId).length > 0
  if (!hasLease && draft.ipRetentions.many('releasedMacLease', macLease.id).length === 0)
    deleteInterface(draft, interfaceId)
}
