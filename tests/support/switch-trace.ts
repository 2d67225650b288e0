/** What Open vSwitch itself says of a packet (`ofproto/trace`), to hold ours against. */
import type { Hypervisor } from '../../cli/lab/lab.ts'
import type { TraceHop } from '../../runtime/http/answers/trace.ts'

/** Fields as Open vSwitch calls them. */
const names: Readonly<Record<string, string>> = {
  ...{
    vlan_vid: 'dl_vlan',
    ipv4_src: 'nw_src',
    ipv4_dst: 'nw_dst',
    icmpv4_type: 'icmp_type',
    icmpv4_code: 'icmp_code',
  },
  ...{ tunnel_id: 'tun_id', ip_proto: 'nw_proto', ipv6_nd_target: 'nd_target', icmpv6_type: 'icmpv6_type' },
}

function switchText({ port, packet }: TraceHop): string {
  const parts = packet.split(',').flatMap((part) => {
    const [name = '', value] = part.split('=')
    if (name === 'pkt_len') return []
    return value === undefined ? [name] : [`${names[name] ?? name}=${value}`]
  })
  return [`in_port=${port === 0xffff_fffe ? 'LOCAL' : port}`, ...parts].join(',')
}

export interface SwitchTrace {
  /** Table, priority and cookie of every flow that it meets before its connection is looked up; a table alone where none matches. */
  readonly steps: readonly string[]
  /** Where a flow asks how long the packet is, Open vSwitch goes both ways: these are the steps of both. */
  readonly isTwofold: boolean
  /** Its connection is looked up: these are the steps before that. */
  readonly isTracked: boolean
  readonly isDropped: boolean
  readonly text: string
}

/** What it has put into a tunnel, Open vSwitch follows on its way out of the bridge: from table 0 again. */
function ownSteps(steps: readonly string[]): readonly string[] {
  const again = steps.findIndex((step, at) => at > 0 && step.startsWith('0 '))
  return again === -1 ? steps : steps.slice(0, again)
}

/** Whether these are among those, in their order. */
export function isWithin(some: readonly string[], all: readonly string[]): boolean {
  let at = 0
  for (const one of all) if (one === some[at]) at++
  return at === some.length
}

/** The way of the packet of a hop through the switch that it was in. */
export async function traceInSwitch({ openVswitch }: Hypervisor, hop: TraceHop): Promise<SwitchTrace> {
  const text = await openVswitch.appctl('ofproto/trace', 'br0', switchText(hop))
  // Open vSwitch does not know which connection it is, so from there on it takes other ways.
  const [untracked = ''] = text.split(/^recirc\(/m)
  const steps = untracked.split('\n').flatMap((line) => {
    const [, table, rest = ''] = /^\s*(\d+)\. (.*)$/.exec(line) ?? []
    if (table === undefined) return []
    const [, priority, cookie] = /priority (\d+)(?:, cookie (0x[0-9a-f]+))?/.exec(rest) ?? []
    return [priority === undefined ? `${table}` : `${table} ${priority} ${cookie}`]
  })
  return {
    steps: ownSteps(steps),
    isTwofold: text.includes('check_pkt_larger'),
    isTracked: /^recirc\(/m.test(text),
    isDropped: /Datapath actions: drop/.test(text),
    text,
  }
}

/** The same of ours. */
export const stepsOf = ({ steps }: TraceHop): string[] =>
  steps.map(({ table_id, priority, cookie }) =>
    priority === null ? `${table_id}` : `${table_id} ${priority} ${cookie}`,
  )
