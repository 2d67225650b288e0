/**
 * What becomes of packets of an interface in security groups, for everything that connection tracking says of packets
 * (ovs-fields(7), `ct_state`), of either family.
 */
import { expect, test } from 'bun:test'
import { FlowTables } from '../../../runtime/host/trace/flow-tables.ts'
import { ctBits, numberOf, Packet } from '../../../runtime/host/trace/packet.ts'
import { walk } from '../../../runtime/host/trace/walk.ts'
import type { Desired } from '../../../runtime/pipeline/engine/delta.ts'
import { computeAll, World } from '../../../tests/support/world.ts'
import { pipeline } from '../pipeline.ts'

const { tables, registers } = pipeline
const families = {
  ipv4: { eth_type: 0x0800n, here: '10.0.0.1', there: '10.0.0.9', all: '0.0.0.0/0', icmp: 1n },
  ipv6: { eth_type: 0x86ddn, here: '2001:db8::1', there: '2001:db8::9', all: '::/0', icmp: 58n },
} as const
type Family = keyof typeof families
const protocols = { tcp: 6n, udp: 17n, esp: 50n } as const
type Protocol = keyof typeof protocols | 'icmp'

/** Everything that Open vSwitch says of a packet that went through tracking, and of one that did not. */
const states = ['new', 'est', 'est rpl', 'rel', 'rel rpl', 'inv', ''] as const
type CtState = (typeof states)[number]
type Way = 'from' | 'to'

/** A machine in a group with such rules. */
function guardedBy(rules: string) {
  const world = new World()
  const datapath = world.hypervisor(world.network({ mode: 'physical' }), '192.168.0.1', 0x0200_0000_0001, 1)
  const network = world.network({ ipv6_network: '2001:db8::', ipv6_prefix: 64 })
  const { id } = world.machine(network, datapath.id, 10, '52:54:00:00:00:01', families.ipv4.here)
  world.update('ipLeases', world.rows('ipLeases').at(-1)!.id, { ipv6_address: families.ipv6.here })
  world.update('interfaces', id, { ingress_filtering_enabled: true })
  const group = world.add('securityGroups', { uuid: 'sg-a', display_name: '', rules })
  world.add('securityGroupInterfaces', { security_group_id: group.id, interface_id: id })
  const pair = { interface_id: id, network_id: network.id }
  world.add('conntrackZones', { datapath_id: datapath.id, zone: 7, purpose: 'filtering', ...pair })
  const { flows } = computeAll(world.state(), datapath.id)
  const pieces = flows.map((flow, at) => [`${at}`, { table: flow.table, flow }] as const)
  const desired = { flows: new Map(pieces), groups: new Map() } as unknown as Desired
  return {
    known: new FlowTables(desired, new Set(), async () => []),
    scope: network.tunnel_key_id,
    group: group.id,
    id,
  }
}
type Guarded = ReturnType<typeof guardedBy>

/** A packet as the tables of verdicts get it. What it is of began from outside where the way and the answer say so. */
function packetOf(
  { scope, group, id }: Guarded,
  way: Way,
  family: Family,
  protocol: Protocol,
  port: number,
  state: CtState,
) {
  const { eth_type, here, there, icmp } = families[family]
  const began = (way === 'from') === state.includes('rpl') ? [there, here] : [here, there]
  const [source, destination] = way === 'from' ? [here, there] : [there, here]
  const ip_proto = protocol === 'icmp' ? icmp : protocols[protocol]
  const packet = new Packet([
    ['eth_type', eth_type],
    ['ip_proto', ip_proto],
    [`${family}_src`, numberOf(source)],
    [`${family}_dst`, numberOf(destination)],
  ])
  const set = (name: keyof typeof registers, value: number) => {
    const [register, from, to] = registers[name].bits
    packet.setBits(`reg${register}`, from, to - from + 1, BigInt(value))
  }
  set('network', scope)
  set('scope', scope)
  set('securityGroup', group)
  set(way === 'from' ? 'inInterface' : 'outInterface', id)
  if (state === '') return packet
  const bits = ['trk', ...state.split(' ')].reduce((sum, name) => sum | ctBits[name]!, 0)
  packet.set('ct_state', BigInt(bits))
  packet.set('ct_zone', 7n)
  // Of what is of no connection there is no first packet.
  if (state === 'inv') return packet
  const prefix = family === 'ipv4' ? 'ct_nw' : 'ct_ipv6'
  packet.set('ct_nw_proto', ip_proto)
  packet.set(`${prefix}_src`, numberOf(began[0]!))
  packet.set(`${prefix}_dst`, numberOf(began[1]!))
  packet.set('ct_tp_dst', BigInt(port))
  return packet
}

async function fate(guarded: Guarded, way: Way, ...about: [Family, Protocol, number, CtState]) {
  const from = (way === 'from' ? tables.fromTracked : tables.toTracked).id
  const packet = packetOf(guarded, way, ...about)
  const { steps } = await walk(packet, { tables: guarded.known, verdicts: ['new'], from })
  const onward: number[] = way === 'to' ? [tables.output.id] : [tables.service.id, tables.solicitation.id]
  const actions = steps.flatMap(({ flow }) => flow?.instructions ?? [])
  const isRemembered = JSON.stringify(actions, (_, value) =>
    typeof value === 'bigint' ? String(value) : value,
  ).includes('NX_CT_F_COMMIT')
  const passes = steps.some(({ table }) => onward.includes(table))
  return passes ? (isRemembered ? 'passes, remembered' : 'passes') : 'denied'
}

/** What rules say of a connection that began so. */
type Said = (protocol: Protocol, port: number) => boolean

function expected(way: Way, protocol: Protocol, port: number, state: CtState, heard: Said, said: Said) {
  if (state === '') return 'denied'
  // Broken packets; but of protocols that are not tracked everywhere what needs no rule passes.
  if (state === 'inv') {
    const isFree = protocol === 'esp' && way === 'from' && said('esp', 0)
    return isFree ? 'passes' : 'denied'
  }
  const beganOutside = (way === 'to') !== state.includes('rpl')
  if (!(beganOutside ? heard : said)(protocol, port)) return 'denied'
  return state === 'new' ? 'passes, remembered' : 'passes'
}

const anything: Said = () => true
const only =
  (port: number): Said =>
  (protocol, asked) =>
    protocol === 'tcp' && asked === port

test.each(['ipv4', 'ipv6'] as const)(
  '%s: each state is held against the rules by which its connection began',
  async (family) => {
    const { all } = families[family]
    const worlds = [
      { guarded: guardedBy(`tcp:80:${all}`), said: anything },
      { guarded: guardedBy(`tcp:80:${all},egress:tcp:443:${all}`), said: only(443) },
    ]
    for (const { guarded, said } of worlds)
      for (const way of ['from', 'to'] as const)
        for (const protocol of ['tcp', 'udp', 'icmp', 'esp'] as const)
          for (const port of [80, 443])
            for (const state of states) {
              const is = await fate(guarded, way, family, protocol, port, state)
              const about = { way, protocol, port, state }
              expect({ ...about, is }).toEqual({
                ...about,
                is: expected(way, protocol, port, state, only(80), said),
              })
            }
  },
)
