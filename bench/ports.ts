/**
 * Ports in one request, and one more port, from the API request until a real Open vSwitch has acknowledged the flows.
 *   bun bench/ports.ts        (root)
 */

import { startLab } from '../cli/lab/lab.ts'
import type { LabPlan } from '../cli/lab/plan.ts'
import { demoRequests } from '../cli/vnet/demo/network.ts'
import { type HostProcess, startHostProcess } from '../tests/support/host-process.ts'
import { eventually, type OpenVswitch } from '../tests/support/open-vswitch.ts'

const sizes = [1, 10, 100, 1_000]
const one_more_rounds = 20
const ports_total = 1_000 + sizes.length * one_more_rounds
const ports_per_command = 250

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

const hex = (n: number) => n.toString(16).padStart(2, '0')
const interfaceRequest = (n: number) => ({
  method: 'POST',
  path: '/interfaces',
  body: {
    uuid: `if-p${n}`,
    mode: 'vif',
    port_name: `p${n}`,
    network_uuid: 'nw-big',
    mac_address: `52:54:01:00:${hex(n >> 8)}:${hex(n & 255)}`,
    ipv4_address: `10.1.${(n + 256) >> 8}.${n & 255}`,
  },
})

/** Ports without devices: what is measured is control, not packets. */
async function addPorts(openVswitch: OpenVswitch): Promise<void> {
  for (let from = 0; from < ports_total; from += ports_per_command) {
    const count = Math.min(ports_per_command, ports_total - from)
    const commands = Array.from({ length: count }, (_, i) => `p${from + i}`).flatMap((name) => [
      ...[
        '--',
        'add-port',
        'br0',
        name,
        '--',
        'set',
        'interface',
        name,
        'type=patch',
        `options:peer=${name}x`,
      ],
    ])
    await openVswitch.vsctl(...commands.slice(1))
  }
}

async function timed(run: () => Promise<unknown>): Promise<number> {
  const began = performance.now()
  await run()
  return performance.now() - began
}

const median = (values: number[]) => values.sort((a, b) => a - b)[values.length >> 1]!
const add = (host: HostProcess, from: number, count: number) =>
  host.api(
    'POST',
    '/batch?wait=applied&timeout_ms=30000',
    Array.from({ length: count }, (_, i) => interfaceRequest(from + i)),
  )

async function flowCount(openVswitch: OpenVswitch): Promise<number> {
  return Number(/flow_count=(\d+)/.exec(await openVswitch.ofctl('dump-aggregate', 'br0'))?.[1])
}

const lab = await startLab(plan)
const { openVswitch } = lab.hypervisor('node1')
const host = await startHostProcess({ ovsdb: [`unix:${openVswitch.dbSocket}`] })
try {
  await addPorts(openVswitch)
  await host.api('POST', '/batch?wait=applied', demoRequests(plan))
  await host.api('POST', '/networks', {
    uuid: 'nw-big',
    mode: 'virtual',
    ipv4_network: '10.1.0.0',
    ipv4_prefix: 16,
  })
  await host.api('POST', '/datapaths/dp-node1/networks/nw-big', { interface_uuid: 'if-node1' })
  await eventually(
    'the host to know the ports',
    async () => (await host.api<{ ports: number }>('GET', '/datapaths/dp-node1/status')).ports >= ports_total,
  )
  let next = 0
  console.log('ports    in one request   a port      flows a port   one more, p50')
  for (const size of sizes) {
    const flowsBefore = await flowCount(openVswitch)
    const count = size - next
    const ms = await timed(() => add(host, next, count))
    next += count
    const flows = ((await flowCount(openVswitch)) - flowsBefore) / count
    const more: number[] = []
    for (let round = 0; round < one_more_rounds; round++) {
      more.push(await timed(() => add(host, next, 1)))
      await host.api('DELETE', `/interfaces/if-p${next}?wait=applied`)
    }
    const cells = [
      `${size}`.padEnd(8),
      `${ms.toFixed(1)} ms`.padEnd(16),
      `${(ms / count).toFixed(2)} ms`.padEnd(11),
      flows.toFixed(1).padEnd(14),
      `${median(more).toFixed(1)} ms`,
    ]
    console.log(cells.join(' '))
  }
} finally {
  await host.remove()
  await lab.stop()
}
