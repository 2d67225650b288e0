/** The words that columns hold: named here for the schema, the API and the flows alike. */

/** What an interface is. */
export const interfaceModes = [
  'vif',
  'host',
  'internal',
  'patch',
  'promiscuous',
  'remote',
  'simulated',
  'edge',
] as const
export type InterfaceMode = (typeof interfaceModes)[number]

export const networkModes = ['physical', 'virtual', 'internal'] as const
export const segmentModes = ['physical', 'virtual'] as const

/** How packets of a network cross from one physical network to another. */
export const encapsulations = ['gre', 'vxlan', 'geneve'] as const
export type Encapsulation = (typeof encapsulations)[number]

/** What an interface offers to a network. */
export const serviceModes = ['dhcp', 'dns', 'router'] as const
export type ServiceMode = (typeof serviceModes)[number]

/** Which address of a range group is given next. */
export const ipAllocationTypes = ['incremental', 'decremental', 'random'] as const

export const leasePolicyModes = ['simple'] as const
/** When a lease policy gives an address. */
export const leasePolicyTimings = ['immediate', 'dhcp'] as const

/** What a translation translates: addresses of packets that are routed, or VLANs of a trunk port into networks. */
export const translationModes = [
  'static_address',
  'source_address',
  'destination_address',
  'vnet_edge',
] as const
export type TranslationMode = (typeof translationModes)[number]
/** What has ports. */
export const portProtocols = ['tcp', 'udp'] as const
export type PortProtocol = (typeof portProtocols)[number]

/** How members of load balancers are asked whether they are well. */
export const healthCheckModes = ['none', 'tcp', 'icmp', 'http'] as const
export type HealthCheckMode = (typeof healthCheckModes)[number]
/** What is known of a member. */
export const memberHealths = ['unknown', 'up', 'down'] as const
export type MemberHealth = (typeof memberHealths)[number]

/** What a connection tracking zone is for: what passes at an interface in a network; the translations of a router interface. */
export const zonePurposes = ['filtering', 'translation', 'balancing'] as const
export type ZonePurpose = (typeof zonePurposes)[number]
/** An underlay has datapaths; an overlay lies on underlays. */
export const topologyModes = ['simple_overlay', 'simple_underlay'] as const

export const filterModes = ['static'] as const
export const filterProtocols = ['tcp', 'udp', 'icmp', 'arp', 'ip'] as const
/** Lets pass, lets nothing pass, or lets pass what the interface sends and what is answered to it. */
export const filterActions = ['pass', 'drop', 'conn'] as const
