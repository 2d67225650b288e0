import { expect, test } from 'bun:test'
import { decode, encode } from '../../../runtime/openflow/index.ts'
import type { Flow } from '../../../runtime/openvnet.ts'
import { ofctlFlow } from '../../support/ofctl-text.ts'
import { computeAll, ip, World } from '../../support/world.ts'

/** Flows of every feature. */
function someFlows(): readonly Flow[] {
  const world = new World()
  const near = world.network({ mode: 'physical', ipv4_network: ip('172.16.0.0') })
  const far = world.network({ mode: 'physical', ipv4_network: ip('172.17.0.0') })
  const blue = world.network()
  for (const [i, physical] of [near, near, far].entries()) {
    const datapath = world.hypervisor(physical, `172.16.0.${i + 1}`, `02:00:00:00:01:0${i}`, 1)
    world.relate(datapath, blue, `02:00:00:00:0d:0${i}`)
    world.port(datapath.id, 't-gre', 9)
    world.machine(blue, datapath.id, 10, `52:54:00:00:00:0${i}`, `10.0.0.${i + 1}`)
    world.machine(physical, datapath.id, 11, `52:54:00:00:01:0${i}`, `172.16.0.${i + 11}`)
  }
  world.simulated(blue, '52:54:00:00:00:fe', '10.0.0.254', ['dhcp'])
  const link = world.routeLink()
  world.route(link, world.routerIn(blue, '52:54:00:00:00:fd', '10.0.0.253'), blue, '10.0.0.0/24')
  world.route(link, world.routerIn(blue, '52:54:00:00:00:fc', '10.0.0.252'), blue, '0.0.0.0/0')
  const segment = world.segment()
  for (const id of [1, 2, 3]) {
    world.add('datapathSegments', {
      ...{ datapath_id: id, segment_id: segment.id, mac_address: 0x0200_0000_0e00 + id },
      interface_id: world.rows('activeInterfaces').find((row) => row.datapath_id === id)!.interface_id,
    })
    world.station(segment, id, 20, `52:54:00:00:02:0${id}`)
    world.station(segment, id, 21)
  }
  return computeAll(world.state(), 1).flows
}

const flowMod = (flow: Flow) => ({
  version: 4,
  type: 'OFPT_FLOW_MOD',
  xid: 1,
  cookie: flow.cookie,
  cookie_mask: 0n,
  table_id: flow.table,
  command: 'OFPFC_ADD',
  idle_timeout: 0,
  hard_timeout: 0,
  priority: flow.priority,
  buffer_id: 'OFP_NO_BUFFER',
  out_port: 'OFPP_ANY',
  out_group: 'OFPG_ANY',
  flags: [],
  match: flow.match,
  instructions: flow.instructions,
})

async function ofctl(command: string, input: string): Promise<string[]> {
  const child = Bun.spawn(['ovs-ofctl', '-O', 'OpenFlow13', ...command.split(' ')], {
    stdin: new TextEncoder().encode(input),
    stdout: 'pipe',
    stderr: 'pipe',
  })
  const [text, errors, code] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited])
  if (code !== 0) throw new Error(errors)
  return text.match(/FLOW_MOD.*/g) ?? []
}

test('what the codec writes of flows is what ovs-ofctl writes of their text', async () => {
  const flows = someFlows()
  const ours = flows.map((flow) => encode(flowMod(flow) as never))
  const printed = await Promise.all(ours.map((bytes) => ofctl('ofp-print -', bytes.toHex())))
  const parsed = await ofctl('parse-flows -', flows.map(ofctlFlow).join('\n'))
  const plain = (line: string) => line.replace(/\(xid=[^)]*\)/, '')
  expect(flows.length).toBeGreaterThan(50)
  expect(printed.flat().map(plain)).toEqual(parsed.map(plain))
})

test('and comes back as it was', () => {
  for (const flow of someFlows()) {
    const read = decode(encode(flowMod(flow) as never))
    expect(read.ok && read.value).toMatchObject(flowMod(flow) as never)
  }
})
