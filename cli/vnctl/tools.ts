/** Commands that are more than one request of the API: their options, their help, and where they are. */
import { applyOptions } from './apply/options.ts'
import type { Streams } from './command.ts'
import { eventOptions } from './events/options.ts'
import { flowsOptions } from './flows/options.ts'
import type { Known } from './options.ts'
import { globalOptions, type Settings } from './settings.ts'
import { suggestion } from './suggest.ts'
import { traceOptions } from './trace/options.ts'
import { UsageError } from './usage-error.ts'

type Options = Readonly<Record<string, string>>

export interface Tool {
  readonly options: Known
  /** For the list of commands: how it is called, and what it does. */
  readonly overview: readonly [usage: string, summary: string]
  readonly help: string
  /** Returns the exit status. */
  run(words: readonly string[], options: Options, settings: Settings, streams: Streams): Promise<number>
}

const events: Tool = {
  options: eventOptions,
  overview: ['events [--follow]', 'what has happened in the network; --follow: what happens, as it happens'],
  help: `vnctl events [--last N] [--since REVISION] [--resource NAMES] [--uuid UUIDS] [--datapath UUIDS] [--kind KINDS]
vnctl events --follow [--since REVISION] …
Prints what has happened, a line each: changes of state with their revisions, ports that appear and go, alarms. With
--follow what happens from now on, until Ctrl-C, and then also datapaths that connect and disconnect, and the revision
that each has applied.

  --follow         go on with what happens; when the host goes away, come back and go on where it was
  --last N         so many, the newest; 100 by default
  --since REVISION only what has changed since then; with --follow begin with that
  --resource NAMES only of these: networks,ip_leases
  --uuid UUIDS     only what is about these objects
  --datapath UUIDS only what is about these datapaths
  --kind KINDS     only these: created,changed,deleted,port_appeared,port_gone,datapath_connected,
                   datapath_disconnected,applied,alarm
  -o json          each event as JSON, on a line of its own`,
  run: async (...all) => (await import('./events/events.ts')).runEvents(...all),
}

const apply: Tool = {
  options: applyOptions,
  overview: ['apply -f FILE', 'makes what a file describes so; shows first what that changes'],
  help: `vnctl apply -f FILE [--prune] [--dry-run] [--flows] [--yes]
Makes the state as a file describes it, as one transaction, and shows first what would be made, changed and deleted, and
how many flows that changes on each datapath. What is as described already is left alone: the second time nothing is
to be done. The file is YAML or JSON: objects by resource, under the names that the API has, each with a uuid; with
them what they are related to, by uuid:

  networks:
    - {uuid: nw-a, mode: virtual, ipv4_network: 10.0.0.0, ipv4_prefix: 24}
  interfaces:
    - {uuid: if-a, mode: vif, port_name: vm1, network_uuid: nw-a, mac_address: 52:54:00:00:00:01, ipv4_address: 10.0.0.11}
  datapaths:
    - {uuid: dp-a, dpid: 0x1, display_name: a, node_id: a, networks: [{network_uuid: nw-a, interface_uuid: if-host}]}

  -f, --file FILE  - reads standard input
  --prune          delete what the file does not describe: objects of the resources that it names (all of them, for
                   an empty list), and entries of the relations that it names
  --dry-run        look only
  --flows          show every flow that comes or goes
  -y, --yes        do not ask
  --wait           answer when the switches have the flows`,
  run: async (...all) => (await import('./apply/apply.ts')).runApply(...all),
}

const exporting: Tool = {
  options: {},
  overview: ['export [RESOURCE…]', 'what there is, as a file for apply'],
  help: `vnctl export [RESOURCE…]
Prints what there is, of some resources or of all, as a description that vnctl apply takes.

  -o json  as JSON; YAML otherwise`,
  run: async (...all) => (await import('./apply/export.ts')).runExport(...all),
}

const flows: Tool = {
  options: flowsOptions,
  overview: ['flows DATAPATH', 'the flows of a datapath, in names; --watch: what changes'],
  help: `vnctl flows DATAPATH [--table NAME] [--object UUID] [--feature NAME] [--watch [--interval SECONDS]]
Prints the flows that the switch of a datapath has, table by table, in the names of tables, registers and objects, each
with the packets that it has matched and who made it.

  --table NAME        only of this table, by name or number
  --object UUID       only those that were made for an object, or name it
  --feature NAME      only of this feature or punt point
  --watch             print what changes until Ctrl-C: + flows that come, - flows that go, and how many packets more
  --interval SECONDS  between looks, 1 by default`,
  run: async (...all) => (await import('./flows/flows.ts')).runFlows(...all),
}

const trace: Tool = {
  options: traceOptions,
  overview: ['trace INTERFACE PACKET', 'the way of a packet: which tables, which hypervisors, where it ends'],
  help: `vnctl trace INTERFACE PACKET [--ct VERDICTS] [--brief]
Follows a packet of an interface through the tables of every hypervisor that it passes, to where it is delivered, to the
function that it is handed to, or to the rule that drops it. Nothing is sent: the flows that follow from the state are gone
through; what switches have learned by themselves is read from them.

  vnctl trace if-a icmp,ipv4_dst=10.0.0.12
  vnctl trace if-a tcp,dst=10.0.1.5,dst_port=80
  vnctl trace if-a arp,arp_tpa=10.0.0.1

PACKET is words (icmp, tcp, udp, arp, ip, icmp6, tcp6, udp6, ipv6) and fields, with commas: eth_src, eth_dst, ipv4_src,
ipv4_dst, ipv6_dst, tcp_dst, arp_tpa, nw_ttl, pkt_len, …; src, dst, src_port and dst_port are short for those of its
kind. What is not said comes from the leases of the interface, and from who has the address that it goes to. INTERFACE may
be the name of its port, where no other interface has a port of that name. ct_nw_proto, ct_nw_src, ct_nw_dst, ct_tp_src
and ct_tp_dst say how the first packet of its connection was: of an error (rel), nothing else does.

  --ct VERDICTS  what connection tracking says of it, one time after the other: new (where nothing is said), est, rpl
                 (an answer), rel (an error about another), inv; with commas
  --brief        only where it ends`,
  run: async (...all) => (await import('./trace/trace.ts')).runTrace(...all),
}

export const tools: Readonly<Record<string, Tool>> = { apply, export: exporting, flows, trace, events }

/** The options of all of them. */
export const toolOptions: Known = Object.assign({}, ...Object.values(tools).map(({ options }) => options))

const hyphened = (name: string) => `--${name.replaceAll('_', '-')}`

/** Throws `UsageError` for an option that is another command's. */
export function checkToolOptions(name: string, { options: own }: Tool, options: Options): void {
  const known = Object.keys({ ...globalOptions, ...own })
  for (const option of Object.keys(options))
    if (!known.includes(option))
      throw new UsageError(
        `vnctl ${name} has no option ${hyphened(option)}${suggestion(hyphened(option), known.map(hyphened))}`,
      )
}
