/** For tests: a state made of rows, with what most tests need in a line each. */
import { getTableColumns } from 'drizzle-orm'
import { stateTables } from '../../db/schema.ts'
import { StateView } from '../../db/state/view.ts'
import {
  type Insert,
  parseIpv4,
  parseMac,
  type Row,
  type State,
  type TableName,
} from '../../runtime/openvnet.ts'

export * from './compute-all.ts'

export const ip = (text: string) => parseIpv4(text) ?? Number.NaN
export const mac = (text: string) => parseMac(text) ?? Number.NaN

type AnyRow = Record<string, unknown> & { id: number }

/** What a row has in columns that nobody named. */
function defaults(table: TableName): Record<string, unknown> {
  const columns = Object.entries(getTableColumns(stateTables[table]))
  return Object.fromEntries(
    columns.map(([name, column]) => [
      name,
      typeof column.default === 'object' ? null : (column.default ?? null),
    ]),
  )
}

/** The rows of a state, under construction. */
export class World {
  readonly #rows = Object.fromEntries(
    Object.keys(stateTables).map((name) => [name, [] as AnyRow[]]),
  ) as Record<TableName, AnyRow[]>
  readonly #lastIds = new Map<TableName, number>()
  #revision = 0

  add<T extends TableName>(table: T, values: Partial<Insert<T>>): Row<T> {
    const rows = this.#rows[table]
    const row = {
      ...defaults(table),
      created_at: 0,
      updated_at: 0,
      ...values,
      id: (this.#lastIds.get(table) ?? 0) + 1,
    }
    this.#lastIds.set(table, row.id)
    if ('uuid' in row && row.uuid === null) row.uuid = `${table}-${row.id}`
    rows.push(row)
    return row as unknown as Row<T>
  }

  remove<T extends TableName>(table: T, id: number): void {
    this.#rows[table] = this.#rows[table].filter((row) => row.id !== id)
  }

  update<T extends TableName>(table: T, id: number, values: Partial<Row<T>>): void {
    this.#rows[table] = this.#rows[table].map((row) => (row.id === id ? { ...row, ...values, id } : row))
  }

  rows<T extends TableName>(table: T): readonly Row<T>[] {
    return this.#rows[table] as unknown as readonly Row<T>[]
  }

  /** The id of the one row with these values. */
  find<T extends TableName>(table: T, values: Partial<Row<T>>): number {
    const rows = this.#rows[table].filter((row) =>
      Object.entries(values).every(([name, value]) => row[name] === value),
    )
    if (rows.length !== 1) throw new Error(`${rows.length} rows of ${table} have ${JSON.stringify(values)}`)
    return rows[0]!.id
  }

  state(): State {
    const view = new StateView()
    const rows = structuredClone(this.#rows)
    view.load({ rows, revision: ++this.#revision } as unknown as Parameters<StateView['load']>[0])
    return view
  }

  network(values: Partial<Insert<'networks'>> = {}): Row<'networks'> {
    const key = this.add('tunnelKeys', { kind: 'network' })
    return this.add('networks', {
      ipv4_network: ip('10.0.0.0'),
      ipv4_prefix: 24,
      mode: 'virtual',
      ...values,
      tunnel_key_id: key.id,
    })
  }

  segment(values: Partial<Insert<'segments'>> = {}): Row<'segments'> {
    const key = this.add('tunnelKeys', { kind: 'segment' })
    return this.add('segments', { mode: 'virtual', ...values, tunnel_key_id: key.id })
  }

  /** An interface of a segment at a port, known by its MAC alone; one without is promiscuous. */
  station(segment: Row<'segments'>, datapathId: number, port: number, hardware?: string) {
    const iface = this.add('interfaces', { mode: hardware === undefined ? 'promiscuous' : 'vif' })
    if (hardware !== undefined)
      this.add('macLeases', {
        interface_id: iface.id,
        mac_address: mac(hardware),
        segment_id: segment.id,
      })
    this.add('interfaceSegments', { interface_id: iface.id, segment_id: segment.id })
    this.plug(iface.id, datapathId, port)
    const known = this.rows('activeSegments').some(
      (row) => row.segment_id === segment.id && row.datapath_id === datapathId,
    )
    if (!known) this.add('activeSegments', { segment_id: segment.id, datapath_id: datapathId })
    return iface
  }

  /** A datapath whose host interface is at a port and in a physical network. */
  hypervisor(physical: Row<'networks'>, address: string, hostMac: string | number, uplinkPort: number) {
    const datapath = this.add('datapaths', { node_id: `node-${address}` })
    const iface = this.interface('host', physical, hostMac, [address])
    this.plug(iface.id, datapath.id, uplinkPort)
    this.activate(physical.id, datapath.id)
    return { ...datapath, hostInterfaceId: iface.id }
  }

  /** An interface with one MAC and its addresses in a network. */
  interface(
    mode: Row<'interfaces'>['mode'],
    network: Row<'networks'>,
    hardware: string | number,
    addresses: readonly string[],
  ) {
    const iface = this.add('interfaces', { mode })
    const lease = this.add('macLeases', {
      interface_id: iface.id,
      mac_address: typeof hardware === 'number' ? hardware : mac(hardware),
    })
    for (const address of addresses) this.lease(lease, network, address)
    return { ...iface, macLease: lease }
  }

  lease(macLease: Row<'macLeases'>, network: Row<'networks'>, address: string) {
    const interface_id = macLease.interface_id!
    const known = this.#rows.interfaceNetworks.some(
      (row) => row.interface_id === interface_id && row.network_id === network.id,
    )
    const interface_mode = this.rows('interfaces').find(({ id }) => id === interface_id)!.mode
    if (!known) this.add('interfaceNetworks', { interface_id, network_id: network.id, interface_mode })
    return this.add('ipLeases', {
      interface_id,
      mac_lease_id: macLease.id,
      network_id: network.id,
      ipv4_address: ip(address),
    })
  }

  plug(interface_id: number, datapath_id: number, port_number: number) {
    return this.add('activeInterfaces', {
      interface_id,
      datapath_id,
      port_number,
      port_name: `p${port_number}`,
    })
  }

  activate(network_id: number, datapath_id: number) {
    const known = this.#rows.activeNetworks.some(
      (row) => row.network_id === network_id && row.datapath_id === datapath_id,
    )
    if (!known) this.add('activeNetworks', { network_id, datapath_id })
  }

  /** A machine at a port of a datapath. */
  machine(
    network: Row<'networks'>,
    datapathId: number,
    port: number,
    hardware: string | number,
    address: string,
  ) {
    const iface = this.interface('vif', network, hardware, [address])
    this.plug(iface.id, datapathId, port)
    this.activate(network.id, datapathId)
    return iface
  }

  /** The datapath takes part in the network through its host interface. */
  relate(datapath: { id: number; hostInterfaceId: number }, network: Row<'networks'>, hardware: string) {
    return this.add('datapathNetworks', {
      datapath_id: datapath.id,
      network_id: network.id,
      interface_id: datapath.hostInterfaceId,
      mac_address: mac(hardware),
    })
  }

  simulated(
    network: Row<'networks'>,
    hardware: string,
    address: string,
    services: readonly ('dhcp' | 'dns')[] = [],
  ) {
    const iface = this.interface('simulated', network, hardware, [address])
    for (const mode of services) this.add('networkServices', { mode, interface_id: iface.id })
    return iface
  }

  routeLink(): Row<'routeLinks'> {
    const key = this.add('tunnelKeys', { kind: 'route_link' })
    return this.add('routeLinks', { tunnel_key_id: key.id, mac_address: 0x0200_1000_0000 + key.id })
  }

  /** A router interface in a network. */
  routerIn(network: Row<'networks'>, hardware: string, address: string) {
    const iface = this.interface('simulated', network, hardware, [address])
    this.update('interfaces', iface.id, { enable_routing: true })
    return iface
  }

  /** A route, `10.0.0.0/24`, both ways unless it is said. */
  route(
    link: Row<'routeLinks'>,
    router: { readonly id: number },
    network: Row<'networks'>,
    prefix: string,
    ways: { readonly ingress?: boolean; readonly egress?: boolean } = {},
  ) {
    const [address = '', bits] = prefix.split('/')
    return this.add('routes', {
      mode: 'gateway',
      interface_id: router.id,
      route_link_id: link.id,
      network_id: network.id,
      ipv4_network: ip(address),
      ipv4_prefix: Number(bits),
      ingress: true,
      egress: true,
      ...ways,
    })
  }

  /** A trunk port that reaches a VLAN of a network, plugged in nowhere yet. */
  trunk(network: Row<'networks'>, vlan_id: number) {
    const iface = this.add('interfaces', { mode: 'edge' })
    const translation = this.add('translations', { mode: 'vnet_edge', interface_id: iface.id })
    this.vlan(translation, network, vlan_id)
    return { ...iface, translation }
  }

  /** A VLAN of a trunk port. */
  vlan(translation: Row<'translations'>, network: Row<'networks'>, vlan_id: number) {
    const { interface_id } = translation
    this.add('interfaceNetworks', { interface_id, network_id: network.id, interface_mode: 'edge' })
    return this.add('vlanTranslations', { translation_id: translation.id, network_id: network.id, vlan_id })
  }

  hasPort(datapathId: number, name: string): boolean {
    return this.#rows.activePorts.some((row) => row.datapath_id === datapathId && row.port_name === name)
  }

  port(datapath_id: number, port_name: string, port_number: number) {
    return this.add('activePorts', { datapath_id, port_name, port_number })
  }
}
