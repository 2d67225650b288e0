/** `vnctl flows DATAPATH`: the pipeline of a datapath, from its switch. */
import type { DatapathFlows, ShownFlow } from '../../../runtime/http/answers/flows.ts'
import { RequestError, refusalOf, send, targetOf } from '../client.ts'
import type { Streams } from '../command.ts'
import type { Settings } from '../settings.ts'
import { UsageError } from '../usage-error.ts'

const intervalMsDefault = 1_000
const intervalMsMin = 100

type Options = Readonly<Record<string, string>>

async function read(datapath: string, options: Options, settings: Settings): Promise<DatapathFlows> {
  const filter = Object.fromEntries(
    ['table', 'object', 'feature'].flatMap((name) =>
      options[name] === undefined ? [] : [[name, options[name]]],
    ),
  )
  const target = targetOf(settings, `/datapaths/${encodeURIComponent(datapath)}/flows.json`, filter)
  const answer = await send(settings, { method: 'GET', target })
  if (answer.status >= 400) throw refusalOf(answer, settings)
  return answer.json as DatapathFlows
}

const flowLine = ({ priority, match, actions, feature, object }: ShownFlow) =>
  `${String(priority).padStart(5)} ${match} → ${actions}  (${feature}${object === null ? '' : ` ${object}`})`

/** Flows under their tables; `head` is what stands before each. */
function listing(flows: readonly ShownFlow[], head: (flow: ShownFlow) => string): string {
  let table = ''
  return flows
    .map((flow) => {
      const isNext = flow.table !== table
      table = flow.table
      return `${isNext ? `${flow.table} (${flow.table_id})\n` : ''}${head(flow)}${flowLine(flow)}\n`
    })
    .join('')
}

const keyOf = ({ table_id, priority, match, actions, cookie }: ShownFlow) =>
  JSON.stringify([table_id, priority, match, actions, cookie])

/** What has come, gone, or matched packets since: each with its sign, and how many packets. */
export function changesBetween(before: readonly ShownFlow[], after: readonly ShownFlow[]): string {
  const known = new Map(before.map((flow) => [keyOf(flow), flow]))
  const still = new Set(after.map(keyOf))
  const heads = new Map<ShownFlow, string>()
  for (const flow of before) if (!still.has(keyOf(flow))) heads.set(flow, '  -         ')
  for (const flow of after) {
    const was = known.get(keyOf(flow))
    const packets = flow.packets - (was?.packets ?? 0)
    if (was === undefined) heads.set(flow, `  + ${packetsText(packets)}`)
    else if (packets !== 0) heads.set(flow, `    ${packetsText(packets)}`)
  }
  const changed = [...heads.keys()].sort((a, b) => a.table_id - b.table_id || b.priority - a.priority)
  return listing(changed, (flow) => heads.get(flow)!)
}

const packetsText = (packets: number) =>
  packets === 0 ? ''.padStart(8) : `${packets > 0 ? '+' : ''}${packets}`.padStart(8)

async function watch(
  datapath: string,
  options: Options,
  settings: Settings,
  { out }: Streams,
): Promise<never> {
  const intervalMs = intervalOf(options)
  let before = await read(datapath, options, settings)
  out(`watching ${before.matching_count} flows of ${datapath}\n`)
  for (;;) {
    await Bun.sleep(intervalMs)
    const after = await read(datapath, options, settings)
    const changes = changesBetween(before.flows, after.flows)
    if (changes !== '') out(`--- ${new Date().toISOString().slice(11, 23)}\n${changes}`)
    before = after
  }
}

function intervalOf({ interval }: Options): number {
  if (interval === undefined) return intervalMsDefault
  const ms = Number(interval) * 1_000
  if (/^\d{1,4}(\.\d{1,3})?$/.test(interval) && ms >= intervalMsMin) return ms
  throw new UsageError(`--interval: expected seconds, ${intervalMsMin / 1_000} at least, not ${interval}`)
}

export async function runFlows(
  words: readonly string[],
  options: Options,
  settings: Settings,
  streams: Streams,
): Promise<number> {
  const [datapath, ...more] = words
  if (datapath === undefined || more.length > 0)
    throw new UsageError(
      'usage: vnctl flows DATAPATH [--table NAME] [--object UUID] [--feature NAME] [--watch]',
    )
  if (options['watch'] === 'true') return watch(datapath, options, settings, streams)
  const answer = await read(datapath, options, settings)
  if (settings.output === 'json') streams.out(`${JSON.stringify(answer, null, 2)}\n`)
  else {
    streams.out(listing(answer.flows, ({ packets }) => String(packets).padStart(9)))
    streams.out(`${answer.matching_count} of ${answer.total_count} flows\n`)
  }
  if (!answer.complete)
    throw new RequestError(`these are the first ${answer.flows.length}: ask for less, by --table or --object`)
  return 0
}
