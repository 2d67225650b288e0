/** A lab without a host: flows are computed from a hand-made state and installed as text by ovs-ofctl. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Hypervisor, type Lab, startLab } from '../../../cli/lab/lab.ts'
import type { Machine } from '../../../cli/lab/machine.ts'
import { demoPlan, type LabPlan } from '../../../cli/lab/plan.ts'
import type { Flow, Row } from '../../../runtime/openvnet.ts'
import { ofctlFlow, ofctlMeter } from '../../support/ofctl-text.ts'
import { eventually } from '../../support/open-vswitch.ts'
import { computeAll, ip, World } from '../../support/world.ts'

type Network = Row<'networks'>

interface Node {
  /** The port of the physical network. */
  readonly uplink: number
  readonly hypervisor: Hypervisor
  readonly datapath: { readonly id: number; readonly hostInterfaceId: number }
  readonly meters: Set<number>
}

export interface Place {
  readonly machine: Machine
  readonly iface: Row<'interfaces'> & { readonly macLease: Row<'macLeases'> }
  readonly datapathId: number
  readonly port: number
}

/** The lab, its state, and what puts the one into the other. */
export class Rig {
  readonly world = new World()
  readonly #physical = new Map<string, Network>()
  readonly #nodes = new Map<string, Node>()
  readonly #relations = new Map<string, string>()

  readonly lab: Lab

  private constructor(lab: Lab) {
    this.lab = lab
  }

  static async start(plan: LabPlan = demoPlan): Promise<Rig> {
    const rig = new Rig(await startLab(plan))
    try {
      await rig.#describeHypervisors()
      return rig
    } catch (error) {
      await rig.stop()
      throw error
    }
  }

  stop() {
    return this.lab.stop()
  }

  node(name: string): Node {
    return this.#nodes.get(name)!
  }

  /** The physical network of a subnet of the plan. */
  physical(subnet: string): Network {
    return this.#physical.get(subnet)!
  }

  /** A network that every hypervisor takes part in. */
  network(values: Parameters<World['network']>[0] = {}): Network {
    const network = this.world.network(values)
    for (const [name, { datapath }] of this.#nodes) {
      const mac = `02:00:00:0d:00:${(this.#relations.size + 1).toString(16).padStart(2, '0')}`
      this.#relations.set(`${name} ${network.id}`, mac)
      this.world.relate(datapath, network, mac)
    }
    return network
  }

  /** Under this MAC a broadcast of the network comes to the node over the wire. */
  relationMac(name: string, network: Network): string {
    return this.#relations.get(`${name} ${network.id}`)!
  }

  uplink(name: string): number {
    return this.node(name).uplink
  }

  /** Puts a machine of the lab into a network, with an address that it configures by itself. */
  async place(name: string, network: Network, address: string): Promise<Place> {
    const machine = this.lab.machine(name)
    const { datapath, hypervisor } = this.node(machine.hypervisor)
    const port = await ofport(hypervisor, name)
    const iface = this.world.machine(network, datapath.id, port, machine.mac, address)
    await machine.exec('ip', 'address', 'add', `${address}/24`, 'dev', 'eth0')
    return { machine, iface, datapathId: datapath.id, port }
  }

  /** Brings every switch in line with the state: tunnel ports first, then meters, then flows in one bundle. */
  async install(): Promise<void> {
    await Promise.all([...this.#nodes.values()].map((node) => this.#makeTunnelPorts(node)))
    await Promise.all([...this.#nodes.values()].map((node) => this.#install(node)))
  }

  /** Frames as if they came in at a port. */
  async inject(name: string, port: number | 'LOCAL', ...frames: readonly string[]): Promise<void> {
    const { openVswitch } = this.node(name).hypervisor
    const bridge = `unix:${await openVswitch.mgmt('br0')}`
    for (const frame of frames)
      await openVswitch.ofctl('packet-out', bridge, `in_port=${port}, packet=${frame}, actions=table`)
  }

  /** How many packets the flows of a table have matched, those that `which` accepts. */
  async hits(name: string, table: number, which: (line: string) => boolean = () => true): Promise<number> {
    const { openVswitch } = this.node(name).hypervisor
    const lines = await openVswitch.ofctl(
      'dump-flows',
      `unix:${await openVswitch.mgmt('br0')}`,
      `table=${table}`,
    )
    const counts = lines
      .split('\n')
      .filter(which)
      .map((line) => Number(/n_packets=(\d+)/.exec(line)?.[1] ?? 0))
    return counts.reduce((sum, count) => sum + count, 0)
  }

  /** Takes every flow away and installs these instead. */
  async replaceFlows(name: string, flows: readonly Flow[]): Promise<void> {
    const { openVswitch } = this.node(name).hypervisor
    const file = join(openVswitch.dir, 'flows')
    writeFileSync(file, `${flows.map(ofctlFlow).join('\n')}\n`)
    await openVswitch.ofctl('--bundle', 'replace-flows', `unix:${await openVswitch.mgmt('br0')}`, file)
    await openVswitch.appctl('revalidator/wait')
  }

  flowsOf(name: string) {
    return computeAll(this.world.state(), this.node(name).datapath.id)
  }

  async #makeTunnelPorts(node: Node): Promise<void> {
    const { hypervisor, datapath } = node
    for (const { name, type, options } of computeAll(this.world.state(), datapath.id).tunnelPorts) {
      if (this.world.hasPort(datapath.id, name)) continue
      const values = Object.entries(options).map(([key, value]) => `options:${key}=${value}`)
      const port = ['--', 'set', 'interface', name, `type=${type}`, ...values]
      await hypervisor.openVswitch.vsctl('add-port', 'br0', name, ...port)
      this.world.port(datapath.id, name, await ofport(hypervisor, name))
    }
  }

  async #install({ hypervisor, datapath, meters }: Node): Promise<void> {
    const { openVswitch } = hypervisor
    const bridge = await openVswitch.mgmt('br0')
    const all = computeAll(this.world.state(), datapath.id)
    for (const meter of all.meters) {
      if (meters.has(meter.meter_id)) continue
      await openVswitch.ofctl('add-meter', `unix:${bridge}`, ofctlMeter(meter))
      meters.add(meter.meter_id)
    }
    await this.replaceFlows(hypervisor.name, all.flows)
  }

  async #describeHypervisors(): Promise<void> {
    for (const { name, gateway } of this.lab.plan.subnets)
      this.#physical.set(name, this.world.network({ mode: 'physical', ipv4_network: ip(gateway) - 1 }))
    for (const hypervisor of this.lab.hypervisors) {
      const { plan } = hypervisor
      const port = await ofport(hypervisor, 'eth0')
      const datapath = this.world.hypervisor(this.physical(plan.subnet), plan.address, plan.mac, port)
      // As a host sets it when it connects.
      await hypervisor.openVswitch.ofctl('set-frags', 'br0', 'nx-match')
      this.#nodes.set(plan.name, { uplink: port, hypervisor, datapath, meters: new Set() })
    }
  }
}

const ofport = (hypervisor: Hypervisor, name: string): Promise<number> =>
  eventually(`a port number for ${name}`, async () => {
    const port = Number(await hypervisor.openVswitch.vsctl('get', 'interface', name, 'ofport'))
    return Number.isInteger(port) && port > 0 ? port : undefined
  })

/** Pings until an answer comes: the first packets of a tunnel are lost while Open vSwitch looks for the next hop. */
export const reaches = (from: Machine, address: string) =>
  eventually(`${from.name} reaches ${address}`, () => from.ping(address))
