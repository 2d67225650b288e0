/** For tests: every answer is held against the OpenAPI document; items of batches as by themselves. */
import { parseTarget } from '../../runtime/http/target.ts'
import { differencesOf, type SeenAnswer } from './described.ts'

const quotedLengthMax = 2_000

interface Item {
  readonly method: string
  readonly path: string
}

const isItem = (item: unknown): item is Item =>
  typeof (item as Partial<Item> | null)?.method === 'string' &&
  typeof (item as Partial<Item>).path === 'string'

const differencesOfItem = ({ method, path }: Item, answer: SeenAnswer) =>
  differencesOf(method.toUpperCase(), path.startsWith('/api/') ? path : `/api/1.0${path}`, answer)

/** What the document does not say of the answers to items of a batch, or of the refusal of one of them. */
async function differencesOfItems(items: unknown, { status, json }: SeenAnswer): Promise<string[]> {
  if (!Array.isArray(items)) return []
  if (Array.isArray(json)) {
    const ofEach = json.map((answer, index) =>
      differencesOfItem(items[index], { status: answer.status, json: answer.body }),
    )
    return (await Promise.all(ofEach)).flat()
  }
  const { index, ...error } = (json ?? {}) as { readonly index?: number }
  const item: unknown = index === undefined ? undefined : items[index]
  return isItem(item) ? differencesOfItem(item, { status, json: error }) : []
}

const isBatch = (target: string) => parseTarget(target)?.path === '/batch'

/** Throws where an answer is not as the document says. `body`: what was sent, as JSON. */
export async function assertDocumented(
  method: string,
  target: string,
  body: unknown,
  answer: SeenAnswer,
): Promise<void> {
  const own = await differencesOf(method, target, answer)
  const ofItems = isBatch(target) && method === 'POST' ? await differencesOfItems(body, answer) : []
  if (own.length + ofItems.length === 0) return
  const text = JSON.stringify(answer.json)?.slice(0, quotedLengthMax)
  throw new Error(
    `${method} ${target}: not as the OpenAPI document says: ${answer.status} ${text}\n${[...own, ...ofItems].join('\n')}`,
  )
}
