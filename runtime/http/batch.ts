/** Many requests as one: all of them are committed together, or none. */
import * as v from 'valibot'
import { ApiError, argumentError } from './errors.ts'
import { parseDocument, parseQuery, unwrap } from './input.ts'
import { type BuiltApp, isUnknown, runRequest, unknownOperationError } from './isolate-app.ts'
import type { ApiEnvironment } from './serve.ts'
import { parseTarget } from './target.ts'

export const batchItemsMax = 10_000
/** Characters of the answers of all items: some 1,600 for each of the most that there may be, of which an object has some 500. */
export const batchAnswerCharactersMax = 16 * 1024 * 1024

const batchItem = v.object({
  method: v.pipe(v.string(), v.toUpperCase(), v.picklist(['GET', 'POST', 'PUT', 'DELETE'])),
  path: v.pipe(v.string(), v.startsWith('/')),
  body: v.nullish(v.record(v.string(), v.unknown())),
})

interface BatchAnswer {
  readonly status: number
  /** JSON text. */
  readonly json: string
}

function itemsOf(contentType: string | undefined, body: string): readonly unknown[] {
  const document = parseDocument(contentType, body)
  const items = Array.isArray(document) ? document : Object.values(document ?? {})[0]
  if (!Array.isArray(items))
    throw argumentError('Invalid request body: a batch is an array of {method, path, body}.')
  if (items.length > batchItemsMax)
    throw argumentError(`batch: ${items.length} items, at most ${batchItemsMax} are allowed`)
  return items
}

const answerTooLarge = new ApiError(
  'RequestTooLarge',
  `batch: the answers come to more than ${batchAnswerCharactersMax} characters; ask for less at a time. Nothing is written`,
)

const failureOf = (status: number, error: object, index: number): BatchAnswer => ({
  status,
  json: JSON.stringify({ ...error, index }),
})

async function runItem(app: BuiltApp, item: unknown, environment: ApiEnvironment): Promise<BatchAnswer> {
  const checked = v.safeParse(batchItem, item)
  if (!checked.success) {
    const [issue] = checked.issues
    throw argumentError(`${v.getDotPath(issue) ?? 'item'}: ${issue.message}`)
  }
  const { method, path, body } = checked.output
  const target = parseTarget(path.startsWith('/api/') ? path : `/api/1.0${path}`)!
  if (target.path === '/batch') throw argumentError('path: a batch does not contain a batch')
  const parameters = { ...parseQuery(target.query), ...unwrap(body) }
  const response = await runRequest(app, method, target.path, parameters, environment)
  if (isUnknown(response)) throw unknownOperationError(app, method, target.path)
  return { status: response.status, json: await response.text() }
}

/** Runs the items in order on one draft. The first that fails gives the answer: its status, its error and its index. */
export async function runBatch(
  app: BuiltApp,
  contentType: string | undefined,
  body: string,
  environment: ApiEnvironment,
): Promise<BatchAnswer> {
  const answers: string[] = []
  let characters = 0
  for (const [index, item] of itemsOf(contentType, body).entries()) {
    try {
      const { status, json } = await runItem(app, item, environment)
      if (status >= 400) return failureOf(status, JSON.parse(json), index)
      characters += json.length
      if (characters > batchAnswerCharactersMax) throw answerTooLarge
      answers.push(`{"status":${status},"body":${json}}`)
    } catch (error) {
      if (error instanceof ApiError) return failureOf(error.status, error.toJSON(), index)
      throw error
    }
  }
  return { status: 200, json: `[${answers.join(',')}]` }
}
