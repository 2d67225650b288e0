/** What the API's refusals mean, in words: its messages are those of the original, which clients know. */

interface Answered {
  readonly status: number
  readonly text: string
  readonly json: unknown
}

/** `IpLease` → `IP lease`, `NetworkService` → `network service`. */
const wordsOf = (model: string) =>
  model
    .replace(/(?<=[a-z])(?=[A-Z])/g, ' ')
    .toLowerCase()
    .replace(/^(ip|mac)\b/, (initials) => initials.toUpperCase())

/** The errors whose messages are uuids, rather than sentences. */
const sentences: Readonly<Record<string, (message: string) => string | undefined>> = {
  UnknownUUIDResource(message) {
    const [, model, uuid] = /^(\w+)#\w+: (.*)$/s.exec(message) ?? []
    return model === undefined ? undefined : `there is no ${wordsOf(model)} ${uuid}`
  },
  DuplicateUUID: (message) => `${message} exists already`,
}

/** The message of an error that the API answered, in one line. */
export function messageOf({ status, json, text }: Answered): string {
  const { error, message, code, index } = (json ?? {}) as Record<string, unknown>
  if (message === undefined)
    return `HTTP ${status}: ${text.replace(/<[^>]*>/g, '').trim() || 'no such operation'}`
  const kind = String(error ?? '')
    .split('::')
    .at(-1)!
  const item = index === undefined ? '' : `item ${index}: `
  const sentence = Object.hasOwn(sentences, kind) ? sentences[kind]!(String(message)) : undefined
  return item + (sentence === undefined ? `${message} (${kind}, code ${code})` : `${sentence} (code ${code})`)
}
