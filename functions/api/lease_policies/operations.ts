/** Lease policies: interfaces get addresses of a network by them, at once or when they ask by DHCP. */
import { answer, leasePolicyModes, leasePolicyTimings, operation, parameter, resource } from 'openvnet'
import { removed } from '../common/fields.ts'
import { newUuidOf, uuidOf } from '../common/models.ts'
import { networkInterface } from '../interfaces/present.ts'
import { ipLeaseContainer } from '../ip_lease_containers/present.ts'
import { ipLease } from '../ip_leases/present.ts'
import { ipRetentionContainer } from '../ip_retention_containers/present.ts'
import { network } from '../networks/present.ts'
import { changedLeasePolicy, leasePolicy } from './present.ts'

const { page } = answer
const { described, flag, oneOf, optional, paging, text } = parameter
const keys = { uuid: uuidOf('leasePolicies') }
const ofNetwork = { ...keys, network_uuid: uuidOf('networks') }
const ofInterface = { ...keys, interface_uuid: uuidOf('interfaces') }
const ofContainer = { ...keys, ip_lease_container_uuid: uuidOf('ipLeaseContainers') }
const ofRetention = { ...keys, ip_retention_container_uuid: uuidOf('ipRetentionContainers') }
const timing = described(
  optional(oneOf(leasePolicyTimings)),
  'when an interface gets its address: at once, or when it asks for it by DHCP; immediate by default',
)
const label = described(
  optional(text),
  'its leases go to the IP lease containers of this label only; to all of them where it is not given',
)

export const leasePolicies = resource('lease_policies', {
  create: operation({
    method: 'POST',
    path: '/',
    summary: 'Adds a lease policy.',
    parameters: {
      uuid: newUuidOf('leasePolicies'),
      mode: described(optional(oneOf(leasePolicyModes)), 'there is one: addresses of the first network'),
      timing,
    },
    answers: leasePolicy,
  }),
  list: operation({
    method: 'GET',
    path: '/',
    summary: 'Lists lease policies.',
    parameters: paging,
    answers: page(leasePolicy),
  }),
  show: operation({
    method: 'GET',
    path: '/:uuid',
    summary: 'Shows a lease policy.',
    keys,
    answers: leasePolicy,
  }),
  update: operation({
    method: 'PUT',
    path: '/:uuid',
    summary: 'Changes a lease policy; who waits for an address gets it when the timing becomes immediate.',
    keys,
    parameters: { timing },
    answers: leasePolicy,
    refusals: ['AddressInUse', 'InvalidID'],
  }),
  remove: operation({
    method: 'DELETE',
    path: '/:uuid',
    summary: 'Deletes a lease policy; the IP leases that it gave stay.',
    keys,
    answers: removed('leasePolicies'),
  }),
  addNetwork: operation({
    method: 'POST',
    path: '/:uuid/networks/:network_uuid',
    summary:
      'Lets a policy give addresses of a network. Where that has IPv6 with 64 bits of prefix, a MAC gets the address that follows from it in the same lease.',
    keys: ofNetwork,
    parameters: { ip_range_group_uuid: described(uuidOf('ipRangeGroups'), 'which addresses of it') },
    answers: changedLeasePolicy,
    refusals: ['AlreadyRelated'],
  }),
  listNetworks: operation({
    method: 'GET',
    path: '/:uuid/networks',
    summary: 'Lists the networks of a policy.',
    keys,
    parameters: paging,
    answers: page(network),
  }),
  removeNetwork: operation({
    method: 'DELETE',
    path: '/:uuid/networks/:network_uuid',
    summary: 'Takes a network off a policy; what it gave of it stays leased.',
    keys: ofNetwork,
    answers: changedLeasePolicy,
  }),
  addInterface: operation({
    method: 'POST',
    path: '/:uuid/interfaces/:interface_uuid',
    summary:
      'Gives an interface an address by a policy: now, or, if its first MAC has none yet, when it asks for it by DHCP.',
    keys: ofInterface,
    parameters: {
      label,
      allocate: described(
        optional(flag),
        'whether it is given an address now where the timing is immediate; true by default. False: it has what it shall have',
      ),
    },
    answers: changedLeasePolicy,
    refusals: ['AlreadyRelated', 'AddressInUse', 'InvalidID'],
  }),
  listInterfaces: operation({
    method: 'GET',
    path: '/:uuid/interfaces',
    summary: 'Lists the interfaces of a policy.',
    keys,
    parameters: paging,
    answers: page(networkInterface),
  }),
  removeInterface: operation({
    method: 'DELETE',
    path: '/:uuid/interfaces/:interface_uuid',
    summary: 'Takes an interface off a policy; what it was given stays leased.',
    keys: ofInterface,
    answers: changedLeasePolicy,
  }),
  addIpLeaseContainer: operation({
    method: 'POST',
    path: '/:uuid/ip_lease_containers/:ip_lease_container_uuid',
    summary: 'Lets a policy put its leases into a container.',
    keys: ofContainer,
    parameters: { label: described(optional(text), 'it takes leases of this label') },
    answers: ipLeaseContainer,
    refusals: ['RelationAlreadyExists'],
  }),
  listIpLeaseContainers: operation({
    method: 'GET',
    path: '/:uuid/ip_lease_containers',
    summary: 'Lists the containers that a policy puts its leases into.',
    keys,
    parameters: paging,
    answers: page(ipLeaseContainer),
  }),
  removeIpLeaseContainer: operation({
    method: 'DELETE',
    path: '/:uuid/ip_lease_containers/:ip_lease_container_uuid',
    summary: 'Takes a container off a policy; the leases in it stay.',
    keys: ofContainer,
    answers: ipLeaseContainer,
  }),
  addIpRetentionContainer: operation({
    method: 'POST',
    path: '/:uuid/ip_retention_containers/:ip_retention_container_uuid',
    summary: 'Lets the leases of a policy last as long as a retention container says.',
    keys: ofRetention,
    answers: ipRetentionContainer,
    refusals: ['RelationAlreadyExists'],
  }),
  listIpRetentionContainers: operation({
    method: 'GET',
    path: '/:uuid/ip_retention_containers',
    summary: 'Lists the retention containers of a policy.',
    keys,
    parameters: paging,
    answers: page(ipRetentionContainer),
  }),
  removeIpRetentionContainer: operation({
    method: 'DELETE',
    path: '/:uuid/ip_retention_containers/:ip_retention_container_uuid',
    summary: 'Takes a retention container off a policy; leases that are there last as before.',
    keys: ofRetention,
    answers: ipRetentionContainer,
  }),
  addIpLease: operation({
    method: 'POST',
    path: '/:uuid/ip_leases',
    summary: 'Leases the next address of a policy, to nobody yet.',
    keys,
    parameters: { ip_lease_uuid: newUuidOf('ipLeases'), label },
    answers: ipLease,
    refusals: ['AddressInUse'],
  }),
})
