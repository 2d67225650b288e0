/** The names of what the API shows: the model in error messages, and the prefix of its uuids. */
import { parameter } from 'openvnet'

export const models = {
  datapaths: { model: 'Datapath', prefix: 'dp' },
  networks: { model: 'Network', prefix: 'nw' },
  segments: { model: 'Segment', prefix: 'seg' },
  interfaces: { model: 'Interface', prefix: 'if' },
  macLeases: { model: 'MacLease', prefix: 'ml' },
  ipLeases: { model: 'IpLease', prefix: 'il' },
  routeLinks: { model: 'RouteLink', prefix: 'rl' },
  routes: { model: 'Route', prefix: 'r' },
  networkServices: { model: 'NetworkService', prefix: 'ns' },
  ipRangeGroups: { model: 'IpRangeGroup', prefix: 'iprg' },
  ipRanges: { model: 'IpRange', prefix: 'ipr' },
  macRangeGroups: { model: 'MacRangeGroup', prefix: 'mrg' },
  macRanges: { model: 'MacRange', prefix: 'mr' },
  ipLeaseContainers: { model: 'IpLeaseContainer', prefix: 'ilc' },
  ipRetentionContainers: { model: 'IpRetentionContainer', prefix: 'irc' },
  leasePolicies: { model: 'LeasePolicy', prefix: 'lp' },
  loadBalancers: { model: 'LoadBalancer', prefix: 'lb' },
  loadBalancerMembers: { model: 'LoadBalancerMember', prefix: 'lbm' },
  translations: { model: 'Translation', prefix: 'tr' },
  vlanTranslations: { model: 'VlanTranslation', prefix: 'vt' },
  securityGroups: { model: 'SecurityGroup', prefix: 'sg' },
  filters: { model: 'Filter', prefix: 'fil' },
  dnsServices: { model: 'DnsService', prefix: 'dnss' },
  dnsRecords: { model: 'DnsRecord', prefix: 'dnsr' },
  topologies: { model: 'Topology', prefix: 'topo' },
} as const

/** Tables whose rows have a uuid. */
export type ModelTable = keyof typeof models

/** The uuid of an object that is to be made. */
export const newUuidOf = (table: ModelTable) =>
  parameter.optional(parameter.newUuid(models[table].model, models[table].prefix))

/** The uuid of an object that exists. */
export const uuidOf = (table: ModelTable) => parameter.uuidOf(models[table].model, models[table].prefix)
