/** `vnctl batch [FILE]`: a command a line, one after the other, or all of them as one transaction. */
import { readFile } from 'node:fs/promises'
import { RequestError, refusalOf, send, targetOf } from './client.ts'
import { allOptions, execute, interpret, reportApplied, type Streams } from './command.ts'
import { otherCommands } from './grammar.ts'
import { parseOptions } from './options.ts'
import { render } from './output.ts'
import type { ApiRequest } from './requests.ts'
import type { Settings } from './settings.ts'
import { shellWords } from './shell-words.ts'
import { UsageError } from './usage-error.ts'

interface Line {
  readonly text: string
  readonly number: number
  readonly requests: readonly ApiRequest[]
}

const notInBatch: ReadonlySet<string> = new Set(otherCommands)

const readInput = async (file: string | undefined) => {
  if (file === undefined || file === '-') return Bun.stdin.text()
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    throw new UsageError(`${file} cannot be read: ${error instanceof Error ? error.message : error}`)
  }
}

/** All lines are read before the first is run: a wrong one is found while nothing is done. */
function linesOf(input: string): Line[] {
  return input.split('\n').flatMap((text, index) => {
    try {
      const words = shellWords(text)
      if (words[0] === 'vnctl') words.shift()
      if (words.length === 0) return []
      if (notInBatch.has(words[0]!)) throw new UsageError(`vnctl ${words[0]} is not for a batch`)
      const { requests, options } = interpret(parseOptions(words, allOptions))
      if (options['dry_run'] !== undefined) throw new UsageError('--dry-run is not for a batch')
      return [{ text: text.trim(), number: index + 1, requests }]
    } catch (error) {
      if (error instanceof UsageError) throw new UsageError(`line ${index + 1}: ${error.message}`)
      throw error
    }
  })
}

async function oneByOne(lines: readonly Line[], settings: Settings, streams: Streams): Promise<number> {
  let failed = 0
  for (const { text, number, requests } of lines) {
    streams.out(`> ${text}\n`)
    const status = await execute(requests, settings, {
      ...streams,
      error: (message) => streams.error(`${message} (line ${number})`),
    })
    if (status !== 0) failed++
  }
  if (failed > 0) streams.error(`vnctl: ${failed} of ${lines.length} lines failed`)
  return failed > 0 ? 1 : 0
}

async function atOnce(lines: readonly Line[], settings: Settings, streams: Streams): Promise<number> {
  const flat = lines.flatMap((line) => line.requests.map((request) => ({ line, request })))
  const unbound = flat.find(({ request }) => request.ofEach !== undefined)
  if (unbound !== undefined)
    throw new UsageError(`line ${unbound.line.number}: with --atomic it needs a uuid: ${unbound.line.text}`)
  const items = flat.map(({ request: { method, path, parameters } }) => ({ method, path, body: parameters }))
  const target = targetOf(settings, '/batch', {}, true)
  const answer = await send(settings, { method: 'POST', target, body: JSON.stringify(items) })
  if (answer.status >= 400) {
    const { index } = (answer.json ?? {}) as { index?: number }
    const line = index === undefined ? undefined : flat[index]?.line
    const where = line === undefined ? '' : `line ${line.number}, ${line.text}: `
    const { message } = refusalOf(answer, settings, where)
    throw new RequestError(`${message}. Nothing is written`)
  }
  const answers = answer.json as readonly { readonly body: unknown }[]
  for (const [index, { line, request }] of flat.entries()) {
    if (flat[index - 1]?.line !== line) streams.out(`> ${line.text}\n`)
    streams.out(render(answers[index]?.body, settings.output, request.path))
  }
  return settings.waitMs === undefined || reportApplied(answer.headers, streams) ? 0 : 1
}

/** Runs the commands of a file or of standard input. Returns the exit status. */
export async function runBatch(
  files: readonly string[],
  atomic: boolean,
  settings: Settings,
  streams: Streams,
): Promise<number> {
  if (files.length > 1) throw new UsageError('usage: vnctl batch [FILE] [--atomic]')
  const lines = linesOf(await readInput(files[0]))
  if (lines.length === 0) return 0
  return atomic ? atOnce(lines, settings, streams) : oneByOne(lines, settings, streams)
}
