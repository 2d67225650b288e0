/** One hypervisor with as many ports as one likes, and a network to plug them into, by the host as operators run it. */
import { startLab } from '../../cli/lab/lab.ts'
import type { LabPlan } from '../../cli/lab/plan.ts'
import { physicalRequests } from '../../cli/vnet/demo/network.ts'
import { type HostProcess, startHostProcess } from '../../tests/support/host-process.ts'
import { eventually, type OpenVswitch } from '../../tests/support/open-vswitch.ts'

const portsPerCommand = 250
const portsTimeoutMs = 30_000
const wait = 'wait=applied&timeout_ms=30000'

const plan: LabPlan = {
  subnets: [{ name: 'a', gateway: '192.168.10.1' }],
  hypervisors: [
    {
      name: 'node1',
      subnet: 'a',
      address: '192.168.10.11',
      dpid: '0000000000000001',
      mac: '02:00:00:00:00:01',
      machines: [],
    },
  ],
}

/** A network that ports are plugged into: ours, or a peer's. */
export interface PortNetwork {
  readonly name: string
  readonly openVswitch: OpenVswitch
  /** The processes that control the switch. */
  readonly controllers: readonly number[]
  /** Plugs interfaces into these ports, in one request; resolves when the switch has acknowledged their flows. */
  plug(from: number, count: number): Promise<void>
  unplug(from: number, count: number): Promise<void>
  flows(): Promise<number>
  stop(): Promise<void>
}

export interface BigNetwork extends PortNetwork {
  readonly host: HostProcess
}

const hex = (n: number) => n.toString(16).padStart(2, '0')

/** A machine's interface in the network of the benches. */
export const interfaceBody = (n: number) => ({
  uuid: `if-p${n}`,
  mode: 'vif',
  port_name: `p${n}`,
  network_uuid: 'nw-big',
  mac_address: `52:54:01:00:${hex(n >> 8)}:${hex(n & 255)}`,
  ipv4_address: `10.1.${(n + 256) >> 8}.${n & 255}`,
})

export const list = <T>(from: number, count: number, make: (n: number) => T) =>
  Array.from({ length: count }, (_, i) => make(from + i))

/** Ports without devices: what is measured is control, not packets. `more` is what else is set of each. */
export async function addPorts(
  openVswitch: OpenVswitch,
  bridge: string,
  total: number,
  more: (name: string) => readonly string[] = () => [],
): Promise<void> {
  for (let from = 0; from < total; from += portsPerCommand) {
    const names = list(from, Math.min(portsPerCommand, total - from), (n) => `p${n}`)
    const commands = names.flatMap((name) => [
      ...['--', 'add-port', bridge, name],
      ...['--', 'set', 'interface', name, 'type=patch', `options:peer=${name}x`, ...more(name)],
    ])
    await openVswitch.vsctl(...commands.slice(1))
  }
}

/** Needs root. */
export async function startBigNetwork(ports: number): Promise<BigNetwork> {
  const lab = await startLab(plan)
  const { openVswitch } = lab.hypervisor('node1')
  const host = await startHostProcess({
    ovsdb: [`unix:${openVswitch.dbSocket}`],
    checksAnswers: false,
  })
  const stop = async () => {
    await host.remove()
    await lab.stop()
  }
  try {
    await addPorts(openVswitch, 'br0', ports)
    const network = { uuid: 'nw-big', mode: 'virtual', ipv4_network: '10.1.0.0', ipv4_prefix: 16 }
    await host.api('POST', `/batch?${wait}`, [
      ...physicalRequests(plan),
      { method: 'POST', path: '/networks', body: network },
      { method: 'POST', path: '/datapaths/dp-node1/networks/nw-big', body: { interface_uuid: 'if-node1' } },
    ])
    const known = async () =>
      (await host.api<{ ports: number }>('GET', '/datapaths/dp-node1/status')).ports >= ports
    await eventually('the host to know the ports', known, portsTimeoutMs)
  } catch (error) {
    await stop()
    throw error
  }
  return {
    name: 'ours',
    host,
    openVswitch,
    controllers: [host.pid],
    stop,
    async plug(from, count) {
      const post = (n: number) => ({ method: 'POST', path: '/interfaces', body: interfaceBody(n) })
      await host.api('POST', `/batch?${wait}`, list(from, count, post))
    },
    async unplug(from, count) {
      const remove = (n: number) => ({ method: 'DELETE', path: `/interfaces/if-p${n}` })
      await host.api('POST', `/batch?${wait}`, list(from, count, remove))
    },
    async flows() {
      return Number(/flow_count=(\d+)/.exec(await openVswitch.ofctl('dump-aggregate', 'br0'))?.[1])
    },
  }
}
