/** Interfaces: what is plugged into networks, from virtual machines to the hypervisors' own network cards. */
import { answer, interfaceModes, operation, parameter, resource } from 'openvnet'
import { removed, uuidField } from '../common/fields.ts'
import { newUuidOf, uuidOf } from '../common/models.ts'
import { interfaceSecurityGroups, securityGroup } from '../security_groups/present.ts'
import { allowedAddressList } from './allowed.ts'
import { ageingTimes, learnedLimits } from './many-behind.ts'
import { memberOperations } from './members.ts'
import { interfacePort } from './places.ts'
import { networkInterface } from './present.ts'

const { list, page } = answer
const { described, flag, integer, ipv4, ipv6, mac, oneOf, optional, paging, text } = parameter

const keys = { uuid: uuidOf('interfaces') }
const flags = {
  enable_routing: described(optional(flag), 'it is a router interface: packets take its routes'),
  enable_route_translation: described(optional(flag), 'its routes translate addresses'),
  enable_filtering: described(
    optional(flag),
    'its filters decide what passes to it and from it; without one nothing does',
  ),
  ingress_filtering_enabled: described(
    optional(flag),
    'its security groups decide what passes to it, and what it may send; without one it hears answers and ARP only',
  ),
}
const allowed_addresses = described(
  optional(allowedAddressList),
  'what it may send from beside its leases, a.b.c.d, a.b.c.d/n, or the same of IPv6, with commas between them: an address that several machines have in turn (VRRP), or what is behind an appliance. An address of its network is taken to be where an interface that may have it says so, by ARP or a neighbour advertisement from it. With @00:00:5e:00:01:xx behind it (of IPv6 @00:00:5e:00:02:xx), it may be had under that MAC address of a virtual router, too. Empty: nothing',
)
const learning = {
  mac_learning_limit: described(
    optional(integer(learnedLimits.least, learnedLimits.most)),
    'of a promiscuous or edge interface: as many machines behind it are learned, in each network or segment; more are not let in. 1024 where nothing is said',
  ),
  mac_ageing_time: described(
    optional(integer(ageingTimes.least, ageingTimes.most)),
    'of a promiscuous or edge interface: the seconds after which a machine behind it that is not heard any more is forgotten. 300 where nothing is said',
  ),
}
const displayName = described(optional(text), 'a name for people')
const owner = described(optional(uuidOf('datapaths')), 'the one datapath where it can be plugged in')
const portName = described(
  optional(text),
  "the name of its port in Open vSwitch, or the iface-id in the port's external_ids",
)
export const interfaces = resource('interfaces', {
  create: operation({
    method: 'POST',
    path: '/',
    summary: 'Adds an interface, with a port, and with a MAC and an IP lease where addresses are given.',
    parameters: {
      uuid: newUuidOf('interfaces'),
      mode: described(
        optional(oneOf(interfaceModes)),
        'what it is; needed, unless a port, a MAC address or ingress_filtering_enabled is given, with which it is a vif. vif: a machine; internal: the hypervisor itself, at a port of its bridge or at the bridge itself; patch: a machine behind a patch port; host: the hypervisor on its network card; simulated: the controller answers for it; promiscuous: a port with machines that nobody has described; remote: a machine at its owner datapath, whose switch is of another system; edge: a trunk port of VLANs',
      ),
      owner_datapath_uuid: owner,
      port_name: portName,
      network_uuid: described(optional(uuidOf('networks')), 'the network of its IP address'),
      segment_uuid: described(optional(uuidOf('segments')), 'the segment of its MAC address'),
      ipv4_address: described(
        optional(ipv4),
        'its IP address, a.b.c.d. A trunk port (edge) has none: there it says nothing',
      ),
      ipv6_address: described(optional(ipv6), 'its IPv6 address, beside ipv4_address or alone'),
      mac_address: described(optional(mac), 'its MAC address, xx:xx:xx:xx:xx:xx; used nowhere else'),
      mac_range_group_uuid: described(
        optional(uuidOf('macRangeGroups')),
        'the group that its MAC address is taken from where mac_address is not given',
      ),
      display_name: displayName,
      ...flags,
      allowed_addresses,
      ...learning,
    },
    answers: networkInterface,
    refusals: ['MissingArgument', 'DuplicateName', 'InvalidID', 'AddressInUse'],
  }),
  list: operation({
    method: 'GET',
    path: '/',
    summary: 'Lists interfaces.',
    parameters: paging,
    answers: page(networkInterface),
  }),
  show: operation({
    method: 'GET',
    path: '/:uuid',
    summary: 'Shows an interface.',
    keys,
    answers: networkInterface,
  }),
  update: operation({
    method: 'PUT',
    path: '/:uuid',
    summary: 'Changes an interface.',
    keys,
    parameters: {
      display_name: displayName,
      ...flags,
      owner_datapath_uuid: owner,
      allowed_addresses,
      ...learning,
    },
    answers: networkInterface,
    refusals: ['DuplicateName', 'DeleteRestrictionError'],
  }),
  rename: operation({
    method: 'PUT',
    path: '/:uuid/rename',
    summary: 'Gives an interface another uuid; all that belongs to it stays.',
    keys,
    parameters: {
      new_uuid: described(
        parameter.newUuid('Interface', 'if'),
        'its uuid from then on: if- and 1 to 16 of a-z and 0-9',
      ),
    },
    answers: list(uuidField('interfaces', 'its new uuid')),
    refusals: ['DuplicateUUID'],
  }),
  remove: operation({
    method: 'DELETE',
    path: '/:uuid',
    summary: 'Deletes an interface, with its ports and leases.',
    keys,
    answers: removed('interfaces'),
  }),
  createPort: operation({
    method: 'POST',
    path: '/:uuid/ports',
    summary: 'Adds a port where the interface may be plugged in.',
    keys,
    parameters: {
      datapath_uuid: described(optional(uuidOf('datapaths')), 'where; on any datapath if it is not given'),
      port_name: portName,
      singular: described(optional(flag), 'active in one place at most'),
    },
    answers: interfacePort,
    refusals: ['DuplicateName', 'AlreadyRelated', 'DeleteRestrictionError'],
  }),
  listPorts: operation({
    method: 'GET',
    path: '/:uuid/ports',
    summary: 'Lists the ports of an interface.',
    keys,
    parameters: paging,
    answers: page(interfacePort),
  }),
  removePorts: operation({
    method: 'DELETE',
    path: '/:uuid/ports',
    summary: 'Deletes the ports of an interface that have all of the given values.',
    keys,
    parameters: {
      datapath_uuid: described(optional(uuidOf('datapaths')), 'only those on this datapath'),
      port_name: described(optional(text), 'only those of this name'),
      singular: described(optional(flag), 'only those that are singular, or are not'),
    },
    answers: list(interfacePort),
    refusals: ['DeleteRestrictionError'],
  }),
  addSecurityGroup: operation({
    method: 'POST',
    path: '/:uuid/security_groups/:security_group_uuid',
    summary: 'Puts an interface into a security group.',
    keys: { ...keys, security_group_uuid: uuidOf('securityGroups') },
    answers: interfaceSecurityGroups,
    refusals: ['RelationAlreadyExists'],
  }),
  listSecurityGroups: operation({
    method: 'GET',
    path: '/:uuid/security_groups',
    summary: 'Lists the security groups of an interface.',
    keys,
    parameters: paging,
    answers: page(securityGroup),
  }),
  removeSecurityGroup: operation({
    method: 'DELETE',
    path: '/:uuid/security_groups/:security_group_uuid',
    summary: 'Takes an interface out of a security group.',
    keys: { ...keys, security_group_uuid: uuidOf('securityGroups') },
    answers: interfaceSecurityGroups,
    refusals: ['UnknownResource'],
  }),
  ...memberOperations,
})
