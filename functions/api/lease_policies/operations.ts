/** Lease policies: interfaces get addresses of a network by them, at once or when they ask by DHCP. */
import { operation, parameter, resource } from 'openvnet'
import { newUuidOf, uuidOf } from '../common/models.ts'

const { described, oneOf, optional, paging, text } = parameter
const keys = { uuid: uuidOf('leasePolicies') }
const ofNetwork = { ...keys, network_uuid: uuidOf('networks') }
const ofInterface = { ...keys, interface_uuid: uuidOf('interfaces') }
const ofContainer = { ...keys, ip_lease_container_uuid: uuidOf('ipLeaseContainers') }
const ofRetention = { ...keys, ip_retention_container_uuid: uuidOf('ipRetentionContainers') }
const timing = described(
  optional(oneOf(['immediate', 'dhcp'])),
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
      mode: described(optional(oneOf(['simple'])), 'there is one: addresses of the first network'),
      timing,
    },
  }),
  list: operation({
    method: 'GET',
    path: '/',
    summary: 'Lists lease policies.',
    parameters: paging,
    answers: 'list',
  }),
  show: operation({ method: 'GET', path: '/:uuid', summary: 'Shows a lease policy.', keys }),
  update: operation({
    method: 'PUT',
    path: '/:uuid',
    summary: 'Changes a lease policy; who waits for an address gets it when the timing becomes immediate.',
    keys,
    parameters: { timing },
  }),
  remove: operation({
    method: 'DELETE',
    path: '/:uuid',
    summary: 'Deletes a lease policy; the IP leases that it gave stay.',
    keys,
    answers: 'array',
  }),
  addNetwork: operation({
    method: 'POST',
    path: '/:uuid/networks/:network_uuid',
    summary: 'Lets a policy give addresses of a network.',
    keys: ofNetwork,
    parameters: { ip_range_group_uuid: described(uuidOf('ipRangeGroups'), 'which addresses of it') },
  }),
  listNetworks: operation({
    method: 'GET',
    path: '/:uuid/networks',
    summary: 'Lists the networks of a policy.',
    keys,
    parameters: paging,
    answers: 'list',
  }),
  removeNetwork: operation({
    method: 'DELETE',
    path: '/:uuid/networks/:network_uuid',
    summary: 'Takes a network off a policy; what it gave of it stays leased.',
    keys: ofNetwork,
  }),
  addInterface: operation({
    method: 'POST',
    path: '/:uuid/interfaces/:interface_uuid',
    summary:
      'Gives an interface an address by a policy: now, or, if its first MAC has none yet, when it asks for it by DHCP.',
    keys: ofInterface,
    parameters: { label },
  }),
  listInterfaces: operation({
    method: 'GET',
    path: '/:uuid/interfaces',
    summary: 'Lists the interfaces of a policy.',
    keys,
    parameters: paging,
    answers: 'list',
  }),
  removeInterface: operation({
    method: 'DELETE',
    path: '/:uuid/interfaces/:interface_uuid',
    summary: 'Takes an interface off a policy; what it was given stays leased.',
    keys: ofInterface,
  }),
  addIpLeaseContainer: operation({
    method: 'POST',
    path: '/:uuid/ip_lease_containers/:ip_lease_container_uuid',
    summary: 'Lets a policy put its leases into a container.',
    keys: ofContainer,
    parameters: { label: described(optional(text), 'it takes leases of this label') },
  }),
  listIpLeaseContainers: operation({
    method: 'GET',
    path: '/:uuid/ip_lease_containers',
    summary: 'Lists the containers that a policy puts its leases into.',
    keys,
    parameters: paging,
    answers: 'list',
  }),
  removeIpLeaseContainer: operation({
    method: 'DELETE',
    path: '/:uuid/ip_lease_containers/:ip_lease_container_uuid',
    summary: 'Takes a container off a policy; the leases in it stay.',
    keys: ofContainer,
  }),
  addIpRetentionContainer: operation({
    method: 'POST',
    path: '/:uuid/ip_retention_containers/:ip_retention_container_uuid',
    summary: 'Lets the leases of a policy last as long as a retention container says.',
    keys: ofRetention,
  }),
  listIpRetentionContainers: operation({
    method: 'GET',
    path: '/:uuid/ip_retention_containers',
    summary: 'Lists the retention containers of a policy.',
    keys,
    parameters: paging,
    answers: 'list',
  }),
  removeIpRetentionContainer: operation({
    method: 'DELETE',
    path: '/:uuid/ip_retention_containers/:ip_retention_container_uuid',
    summary: 'Takes a retention container off a policy; leases that are there last as before.',
    keys: ofRetention,
  }),
  addIpLease: operation({
    method: 'POST',
    path: '/:uuid/ip_leases',
    summary: 'Leases the next address of a policy, to nobody yet.',
    keys,
    parameters: { ip_lease_uuid: newUuidOf('ipLeases'), label },
  }),
})
