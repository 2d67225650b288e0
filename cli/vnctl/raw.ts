/** `vnctl api METHOD PATH`: any request, as it is. */
import { refusalOf, send } from './client.ts'
import type { Streams } from './command.ts'
import { render } from './output.ts'
import type { Settings } from './settings.ts'
import { UsageError } from './usage-error.ts'

const methods = ['GET', 'POST', 'PUT', 'DELETE']

/** Sends a request; a body is JSON from --data, or from standard input for `--data -`. Returns the exit status. */
export async function runRaw(
  words: readonly string[],
  data: string | undefined,
  settings: Settings,
  streams: Streams,
): Promise<number> {
  const [method = '', written = '', ...rest] = words
  if (!methods.includes(method.toUpperCase()) || written === '' || rest.length > 0)
    throw new UsageError(
      `usage: vnctl api ${methods.join('|')} PATH [--data JSON], like: vnctl api GET /networks`,
    )
  const path = written.startsWith('/') ? written : `/${written}`
  const target = /^\/api(?=[/?]|$)/.test(path) ? path : `/api/1.0${path}`
  const body = data === '-' ? await Bun.stdin.text() : data
  const answer = await send(settings, { method: method.toUpperCase(), target, body })
  if (answer.status >= 400) throw refusalOf(answer, settings)
  streams.out(
    answer.json === undefined ? answer.text : render(answer.json, settings.output, path.split('?')[0]),
  )
  return 0
}
