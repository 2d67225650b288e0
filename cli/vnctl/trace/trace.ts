/** `vnctl trace INTERFACE PACKET`: the way of a packet. */
import type { Trace, TraceEnd, TraceHop, TraceStep } from '../../../runtime/http/answers/trace.ts'
import { refusalOf, send, targetOf } from '../client.ts'
import type { Streams } from '../command.ts'
import type { Settings } from '../settings.ts'
import { UsageError } from '../usage-error.ts'

const portOf = (port: number | null, name: string | null) =>
  name === null ? `port ${port}` : `${name} (port ${port})`

function stepLine({ table, table_id, priority, match, actions, feature, object }: TraceStep): string {
  const head = `  ${String(table_id).padStart(3)} ${table.padEnd(14)}`
  if (priority === null) return `${head} no flow matches`
  return `${head} ${priority} ${match} → ${actions}  (${feature}${object === null ? '' : ` ${object}`})`
}

const outcomes: Readonly<Record<TraceEnd['outcome'], (end: TraceEnd) => string>> = {
  delivered: ({ interface_uuid, port, port_name }) =>
    `delivered to ${interface_uuid}, ${portOf(port, port_name)}`,
  host: ({ interface_uuid }) => `to the host itself${interface_uuid === null ? '' : `, ${interface_uuid}`}`,
  physical: ({ network_uuid, port, port_name, packet, next_hop }) => {
    const mac = /eth_dst=([^,]+)/.exec(packet)?.[1] ?? 'nobody'
    const hop = next_hop === null ? '' : ` (next hop ${next_hop})`
    return `out of ${portOf(port, port_name)} into ${network_uuid ?? 'a physical network'}, to ${mac}${hop}`
  },
  sent_on: ({ datapath_uuids, network_uuid, port, port_name }) =>
    `out of ${portOf(port, port_name)} to ${datapath_uuids.join(', ')}${network_uuid === null ? ', encapsulated' : `, over ${network_uuid}`}`,
  punted: (end) => `handed to the function ${end.function}`,
  dropped: ({ reason }) => `dropped. ${reason}`,
  lost: ({ port, port_name, reason }) => `out of ${portOf(port, port_name)}: ${reason}`,
}

function hopText(
  { datapath_uuid, port, port_name, packet, steps, ends, notes }: TraceHop,
  brief: boolean,
): string {
  return [
    `${datapath_uuid}, in by ${portOf(port, port_name)}: ${packet}`,
    ...(brief ? [] : steps.map(stepLine)),
    ...ends.map(
      (end) => `  = ${outcomes[end.outcome](end)}${end.packet === '' ? '' : `\n      ${end.packet}`}`,
    ),
    ...notes.map((note) => `  ! ${note}`),
    '',
  ].join('\n')
}

function outcomeText({ hops, delivered_to }: Trace): string {
  const ends = hops.flatMap((hop) => hop.ends).filter(({ outcome }) => outcome === 'physical')
  const into = [...new Set(ends.map(({ network_uuid }) => network_uuid ?? 'a physical network'))]
  const leaves = into.length === 0 ? '' : `Leaves into ${into.join(', ')}.\n`
  if (delivered_to.length > 0) return `Delivered to ${delivered_to.join(', ')}.\n${leaves}`
  return leaves || 'Delivered to nobody.\n'
}

const traceText = (trace: Trace, brief: boolean) =>
  [
    ...trace.hops.map((hop) => hopText(hop, brief)),
    ...trace.notes.map((note) => `! ${note}\n`),
    outcomeText(trace),
  ].join('')

/** Returns 0 where the packet could be followed, wherever it ends. */
export async function runTrace(
  words: readonly string[],
  options: Readonly<Record<string, string>>,
  settings: Settings,
  { out }: Streams,
): Promise<number> {
  const [interface_uuid, packet, ...more] = words
  if (interface_uuid === undefined || packet === undefined || more.length > 0)
    throw new UsageError(
      'usage: vnctl trace INTERFACE PACKET, like: vnctl trace if-a icmp,ipv4_dst=10.0.0.12',
    )
  const { ct } = options
  const body = JSON.stringify({ interface_uuid, packet, ...(ct === undefined ? {} : { ct }) })
  const answer = await send(settings, { method: 'POST', target: targetOf(settings, '/trace'), body })
  if (answer.status >= 400) throw refusalOf(answer, settings)
  const trace = answer.json as Trace
  out(
    settings.output === 'json'
      ? `${JSON.stringify(trace, null, 2)}\n`
      : traceText(trace, options['brief'] === 'true'),
  )
  return 0
}
