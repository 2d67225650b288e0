/** `vnctl apply -f FILE`: makes the given description so. */
import { readFile } from 'node:fs/promises'
import { createInterface } from 'node:readline/promises'
import type { Plan } from '../../../runtime/http/answers/plan.ts'
import { RequestError, refusalOf, send, targetOf } from '../client.ts'
import { reportApplied, type Streams } from '../command.ts'
import type { Settings } from '../settings.ts'
import { UsageError } from '../usage-error.ts'
import { Current } from './current.ts'
import { stepsFor } from './difference.ts'
import { type Description, readDescription } from './document.ts'
import { datapathsText, stepsText } from './show.ts'
import type { Step } from './steps.ts'

const fileBytesMax = 16 << 20
const stepsMax = 10_000

async function readInput(file: string): Promise<string> {
  const text = await (file === '-' ? Bun.stdin.text() : readFile(file, 'utf8')).catch((error: Error) => {
    throw new UsageError(`${file} cannot be read: ${error.message}`)
  })
  if (text.length > fileBytesMax) throw new UsageError(`${file} is larger than ${fileBytesMax} bytes`)
  return text
}

function describedIn(text: string, file: string): Description {
  try {
    return readDescription(text)
  } catch (error) {
    throw error instanceof UsageError ? new UsageError(`${file}: ${error.message}`) : error
  }
}

async function stepsOf(description: Description, settings: Settings, prune: boolean): Promise<Step[]> {
  const current = new Current(settings)
  await current.readObjects(description.kinds)
  await current.readRelations(
    description.objects.flatMap(({ kind, uuid, relations }) =>
      current.objects(kind).has(uuid)
        ? [...relations.keys()].map((relation) => [relation, uuid] as const)
        : [],
    ),
  )
  const steps = stepsFor(description, current, prune)
  if (steps.length > stepsMax)
    throw new UsageError(`${steps.length} steps, at most ${stepsMax} at a time; apply a part of it first`)
  return steps
}

async function sendBatch(steps: readonly Step[], settings: Settings, dryRun: boolean) {
  const items = steps.map(({ method, path, body }) => ({ method, path, body }))
  const target = targetOf(settings, '/batch', dryRun ? { dry_run: 'true' } : {}, !dryRun)
  const answer = await send(settings, { method: 'POST', target, body: JSON.stringify(items) })
  if (answer.status < 400) return answer
  const { index } = (answer.json ?? {}) as { index?: number }
  const where = index === undefined ? '' : `${steps[index]?.what ?? ''}: `
  throw new RequestError(`${refusalOf(answer, settings, where).message}. Nothing is written`)
}

async function isAgreed(): Promise<boolean> {
  if (process.stdin.isTTY !== true)
    throw new UsageError('nothing is done without being agreed to: say --yes, or --dry-run to look only')
  const asking = createInterface({ input: process.stdin, output: process.stderr })
  try {
    return /^y(es)?$/i.test((await asking.question('Make it so? [y/N] ')).trim())
  } finally {
    asking.close()
  }
}

type Options = Readonly<Record<string, string>>
const isSet = (options: Options, name: string) => options[name] === 'true'

/** Returns the exit status: 0 it is so, 1 it is not. */
export async function runApply(
  words: readonly string[],
  options: Options,
  settings: Settings,
  streams: Streams,
): Promise<number> {
  const file = options['file'] ?? words[0]
  if (file === undefined || words.length > (options['file'] === undefined ? 1 : 0))
    throw new UsageError('usage: vnctl apply -f FILE [--prune] [--dry-run] [--yes]; - reads standard input')
  const description = describedIn(await readInput(file), file)
  const steps = await stepsOf(description, settings, isSet(options, 'prune'))
  if (steps.length === 0) {
    streams.out('Nothing to change.\n')
    return 0
  }
  const plan = (await sendBatch(steps, settings, true)).json as Plan
  streams.out(stepsText(steps))
  streams.out(datapathsText(plan, isSet(options, 'flows')))
  if (isSet(options, 'dry_run')) return 0
  if (!isSet(options, 'yes') && !(await isAgreed())) {
    streams.error('vnctl: nothing is changed')
    return 1
  }
  const { headers } = await sendBatch(steps, settings, false)
  streams.out('Done.\n')
  return settings.waitMs === undefined || reportApplied(headers, streams) ? 0 : 1
}
