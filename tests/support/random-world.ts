/** States that nobody planned, within what the schema allows, and changes of them. */
import { localPort, type Row, type TableName } from '../../runtime/openvnet.ts'
import { addAllowed } from './random-allowed.ts'
import { type Pick, pickOf } from './random-pick.ts'
import { addGroups, growSecurity, randomRules } from './random-security.ts'
import { addSpeaker } from './random-speaker.ts'
import { addLoadBalancer, addTranslation } from './random-translation.ts'
import {
  encapsulations,
  ipv6Networks,
  ipv6Prefixes,
  modes,
  networkModes,
  prefixes,
  rarelyRemoved,
  removable,
  uniques,
} from './random-values.ts'
import { addVlan, trunkOf } from './random-vlan.ts'
import { World } from './world.ts'

/** A world with few addresses and ports, so that they meet. */
export class RandomWorld extends World {
  readonly #pick: Pick
  #hardware = 0x5254_0000_0000
  readonly #hosts: { readonly id: number; readonly hostInterfaceId: number }[] = []

  constructor(seed: number) {
    super()
    this.#pick = pickOf(seed)
    for (let i = 0; i < 3; i++) this.segment({ mode: i === 0 ? 'physical' : 'virtual' })
    for (let i = 0; i < 6; i++) {
      const segment_id = this.#pick(3) === 0 ? this.#segmentId() : null
      this.network({
        segment_id,
        mode: this.#of(networkModes),
        behind_port: segment_id === null && i % 2 === 0,
        encapsulation: this.#of(encapsulations),
        ...this.#of(ipv6Networks),
      })
    }
    const physical = [1, 2].map(() => this.network({ mode: 'physical' }))
    for (let i = 1; i <= 3; i++)
      this.#hosts.push(this.hypervisor(this.#of(physical), `10.0.0.${100 + i}`, ++this.#hardware, 1))
    for (let i = 0; i < 3; i++) this.routeLink()
    for (let i = 0; i < 3; i++) this.add('leasePolicies', { timing: 'dhcp' })
    this.add('ipRangeGroups', {})
    addGroups(this, this.#pick)
    for (let i = 0; i < 30; i++) this.#addInterface()
    for (let i = 0; i < 140; i++) this.grow()
  }

  /** One row more, less, or otherwise. */
  change(): void {
    const kind = this.#pick(10)
    if (kind < 4) this.grow()
    else if (kind < 7) this.#shrink()
    else this.#alter()
  }

  grow(): void {
    const datapath_id = this.#of(this.rows('datapaths')).id
    const network_id = this.#of(this.rows('networks')).id
    const interface_id = this.#of(this.rows('interfaces')).id
    const port_number = this.#pick(12) === 0 ? localPort : 1 + this.#pick(40)
    const name = `t-${this.#of(encapsulations)}`
    const kinds = [
      () =>
        this.add('activeInterfaces', {
          interface_id,
          datapath_id,
          port_number,
          port_name: `p${port_number}`,
        }),
      () => this.add('activeNetworks', { network_id, datapath_id }),
      () => this.add('activePorts', { datapath_id, port_name: name, port_number: 50 + this.#pick(9) }),
      () =>
        this.add('networkServices', {
          interface_id,
          mode: this.#of(['dhcp', 'dns', 'router'] as const),
        }),
      () =>
        this.add('datapathNetworks', {
          datapath_id,
          network_id,
          interface_id: this.#pick(3) === 0 ? interface_id : this.#hostOf(datapath_id),
          mac_address: ++this.#hardware,
        }),
      () => this.#addLease(),
      () => (this.#pick(3) === 0 ? this.#addToPolicy(interface_id, network_id) : this.#addLease()),
      () => (this.#pick(4) === 0 ? addSpeaker(this, this.#pick) : this.#addRoute()),
      () => addTranslation(this, this.#pick),
      () => addLoadBalancer(this, this.#pick),
      () => (this.#pick(3) === 0 ? addAllowed(this, this.#pick, interface_id) : this.#addLease()),
      () => this.#addToSegment(datapath_id, interface_id),
      () => this.#addSecurity(),
      () => addVlan(this, this.#pick, { interface_id, datapath_id, network_id }),
    ] as const
    const tables = [
      'activeInterfaces',
      'activeNetworks',
      'activePorts',
      'networkServices',
      'datapathNetworks',
    ] as const
    const kind = this.#pick(kinds.length)
    const row = kinds[kind]!()
    const table = tables[kind]
    if (table !== undefined && row !== undefined && !this.#isAllowed(table)) this.remove(table, row.id)
  }

  #shrink(): void {
    const table = this.#of(this.#pick(20) === 0 ? rarelyRemoved : removable)
    const rows = this.rows(table) as readonly { id: number }[]
    if (rows.length > 0) this.remove(table, this.#of(rows).id)
  }

  #alter(): void {
    const kinds = [
      () => this.#set('networks', { encapsulation: this.#of(encapsulations) }),
      () => this.#set('networks', { mode: this.#of(networkModes), ...this.#of(ipv6Networks) }),
      () => this.#setMode(this.#of(modes)),
      () =>
        this.#set('networks', {
          segment_id: this.#pick(3) === 0 ? this.#segmentId() : null,
          behind_port: false,
        }),
      () => this.#set('macLeases', { segment_id: this.#pick(3) === 0 ? this.#segmentId() : null }),
      () => this.#set('interfaces', { enable_routing: this.#pick(3) > 0 }),
      () => this.#set('interfaces', { enable_route_translation: this.#pick(3) === 0 }),
      () => this.#set('loadBalancerMembers', { draining: this.#pick(2) > 0, weight: 1 + this.#pick(3) }),
      () => this.#set('translations', { passthrough: this.#pick(2) > 0 }),
      () => this.#set('translationStaticAddresses', { egress_ipv4_address: 0x0a00_0001 + this.#pick(30) }),
      () => this.#set('routes', { ingress: this.#pick(2) > 0, egress: this.#pick(2) > 0 }),
      () => this.#set('activeInterfaces', { port_number: 1 + this.#pick(40) }),
      () => this.#set('activeInterfaces', { datapath_id: this.#of(this.rows('datapaths')).id }),
      () =>
        this.#set('ipLeases', {
          ipv4_address: 0x0a00_0000 + this.#pick(30),
          ipv6_address: this.#ipv6Address(),
        }),
      () => this.#set('routes', { ipv4_gateway: this.#pick(2) === 0 ? null : 0x0a00_0001 + this.#pick(30) }),
      () => this.#set('datapathNetworks', { interface_id: this.#of(this.rows('interfaces')).id }),
      () => this.#set('activePorts', { port_number: 50 + this.#pick(9) }),
      () => this.#set('securityGroups', { rules: randomRules(this.#pick) }),
      () =>
        this.#set('interfaces', {
          ingress_filtering_enabled: this.#pick(2) === 0,
          enable_filtering: this.#pick(3) === 0,
        }),
      () => this.#set('interfaceNetworks', { filtered: this.#pick(2) === 0 }),
      () =>
        this.#pick(2) === 0
          ? this.#set('activeVlans', { leased: this.#pick(2) > 0 })
          : this.#set('activeRouters', { leased: this.#pick(2) > 0, speaks: this.#pick(5) > 0 }),
      () =>
        this.#pick(2) === 0
          ? this.#set('leasePolicyInterfaces', { found: this.#pick(2) > 0 })
          : this.#set('interfaces', {
              mac_learning_limit: this.#of([null, 1, 9_000]),
              mac_ageing_time: this.#of([null, 10, 65_535]),
            }),
      () => this.#set('activeVlans', { interface_id: this.#pick(2) > 0 ? trunkOf(this, this.#pick) : null }),
      () => this.#set('leasePolicies', { timing: this.#of(['dhcp', 'immediate'] as const) }),
    ]
    this.#of(kinds)()
  }

  /** Changes a row, or leaves it where the schema would not allow the change. */
  #set<T extends TableName>(table: T, values: Partial<Row<T>>): void {
    const rows = this.rows(table)
    if (rows.length === 0) return
    const row = this.#of(rows) as Row<T> & { readonly id: number }
    this.update(table, row.id, values)
    if (!this.#isAllowed(table)) this.update(table, row.id, row)
  }

  #isAllowed(table: TableName): boolean {
    return uniques
      .filter(([of]) => of === table)
      .every(([, columns]) => {
        const rows = this.rows(table) as readonly Record<string, unknown>[]
        const known = rows.filter((row) => columns.every((column) => row[column] !== null))
        const keys = new Set(known.map((row) => columns.map((column) => row[column]).join()))
        return keys.size === known.length
      })
  }

  #addInterface(): void {
    const iface = this.add('interfaces', {
      mode: this.#of(modes),
      enable_routing: this.#pick(3) > 0,
      enable_filtering: this.#pick(8) === 0,
      ingress_filtering_enabled: this.#pick(4) === 0,
    })
    for (let macs = this.#pick(3); macs >= 0; macs--)
      this.add('macLeases', { interface_id: iface.id, mac_address: ++this.#hardware })
    for (let leases = this.#pick(5); leases > 0; leases--) this.#addLease()
  }

  #addSecurity(): undefined {
    const table = growSecurity(this, this.#pick)
    if (table !== undefined && !this.#isAllowed(table)) this.remove(table, this.rows(table).at(-1)!.id)
  }

  #addLease(): undefined {
    const network = this.#of(this.rows('networks'))
    const last = this.#pick(30)
    const lease = this.lease(
      this.#of(this.rows('macLeases')),
      network,
      last === 0 ? '0.0.0.0' : `10.0.0.${last}`,
    )
    if (!this.#isAllowed('ipLeases')) this.remove('ipLeases', lease.id)
    else this.#set('ipLeases', { ipv6_address: this.#ipv6Address() })
  }

  #ipv6Address(): string | null {
    return this.#pick(3) === 0 ? null : `2001:db8::${(1 + this.#pick(30)).toString(16)}`
  }

  #segmentId(): number {
    return this.#of(this.rows('segments')).id
  }

  /** With the copies of it in memberships. */
  #setMode(mode: Row<'interfaces'>['mode']): void {
    const { id } = this.#of(this.rows('interfaces'))
    this.update('interfaces', id, { mode })
    for (const row of this.rows('interfaceNetworks'))
      if (row.interface_id === id) this.update('interfaceNetworks', row.id, { interface_mode: mode })
  }

  /** A member, a datapath that has one, or one that spans the segment. */
  #addToSegment(datapath_id: number, interface_id: number): undefined {
    const segment_id = this.#segmentId()
    const kinds = [
      () => ['interfaceSegments', this.add('interfaceSegments', { interface_id, segment_id })] as const,
      () => ['activeSegments', this.add('activeSegments', { datapath_id, segment_id })] as const,
      () =>
        [
          'datapathSegments',
          this.add('datapathSegments', {
            datapath_id,
            segment_id,
            interface_id: this.#hostOf(datapath_id),
            mac_address: ++this.#hardware,
          }),
        ] as const,
    ]
    const [table, row] = this.#of(kinds)()
    if (!this.#isAllowed(table)) this.remove(table, row.id)
  }

  #hostOf(datapathId: number): number {
    return this.#hosts.find(({ id }) => id === datapathId)!.hostInterfaceId
  }

  /** Mostly of an interface that is in the network. */
  #addRoute(): undefined {
    const simulated = this.rows('interfaceNetworks').filter(
      ({ interface_id }) =>
        this.rows('interfaces').find(({ id }) => id === interface_id)?.mode === 'simulated',
    )
    if (simulated.length === 0) return
    const member = this.#of(simulated)
    const interface_id = this.#pick(6) === 0 ? this.#of(this.rows('interfaces')).id : member.interface_id
    const network = this.rows('networks').find(({ id }) => id === member.network_id)!
    const ways = { ingress: this.#pick(4) > 0, egress: this.#pick(4) > 0 }
    const link = this.#of(this.rows('routeLinks'))
    const route = this.route(link, { id: interface_id }, network, this.#of(prefixes), ways)
    if (this.#pick(2) === 0) addSpeaker(this, this.#pick)
    if (this.#pick(3) === 0) this.update('routes', route.id, { ipv4_gateway: 0x0a00_0001 + this.#pick(30) })
    if (this.#pick(3) === 0)
      this.update('routes', route.id, {
        ...{ ipv4_network: null, ipv4_prefix: null, ...this.#of(ipv6Prefixes) },
        ...{ ipv4_gateway: null, ipv6_gateway: this.#of([null, '2001:db8::9', '2001:db8::b']) },
      })
  }

  /** Interfaces with a policy may have no address yet, and wait for one. */
  #addToPolicy(interface_id: number, network_id: number): undefined {
    const lease_policy_id = this.#of(this.rows('leasePolicies')).id
    const member = this.add('leasePolicyInterfaces', { lease_policy_id, interface_id })
    if (!this.#isAllowed('leasePolicyInterfaces')) this.remove('leasePolicyInterfaces', member.id)
    const from = this.add('leasePolicyNetworks', { lease_policy_id, network_id, ip_range_group_id: 1 })
    if (!this.#isAllowed('leasePolicyNetworks')) this.remove('leasePolicyNetworks', from.id)
    const interface_mode = this.rows('interfaces').find(({ id }) => id === interface_id)!.mode
    const relation = this.add('interfaceNetworks', { interface_id, network_id, interface_mode })
    if (!this.#isAllowed('interfaceNetworks')) this.remove('interfaceNetworks', relation.id)
  }

  #of<T>(list: readonly T[]): T {
    return list[this.#pick(list.length)]!
  }
}
