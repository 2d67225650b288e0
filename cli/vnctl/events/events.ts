/** `vnctl events`: what happens in the network, a line each. */
import { RequestError, refusalOf, targetOf } from '../client.ts'
import type { Streams } from '../command.ts'
import type { Settings } from '../settings.ts'
import { UsageError } from '../usage-error.ts'
import { eventOptions } from './options.ts'
import { readEvents, type ServerEvent } from './server-events.ts'

/** Between attempts to come back, doubled up to the maximum. */
const retryDelayMinMs = 500
const retryDelayMaxMs = 10_000
/** A host says something every ten seconds. */
const silenceMs = 30_000

/** Without --follow: so many of what has happened, where --last does not say how many. */
export const lastDefault = 100

/** A host that has no database yet, or too many readers: it may have room later. */
const unavailable = 503

type Values = Readonly<Record<string, unknown>>

const shown = (value: unknown): string =>
  typeof value === 'string' && /^[^\s"]+$/.test(value) ? value : JSON.stringify(value)

const pairs = (fields: Values, before: Values) =>
  Object.entries(fields)
    .map(([name, value]) => {
      const was = Object.hasOwn(before, name) ? `${shown(before[name])} → ` : ''
      return ` ${name}=${was}${shown(value)}`
    })
    .join('')

/** `1234 changed interfaces if-a display_name=a → b` */
export function lineOf({ name, data }: ServerEvent): string {
  const { revision, kind, resource, uuid, fields, before, message, ...rest } = data as Values & {
    fields?: Values
    before?: Values
  }
  if (kind === undefined) {
    const said = message === undefined ? JSON.stringify({ revision, ...rest }) : String(message)
    return `- ${name} ${said}`
  }
  const head = [revision ?? '-', kind, resource, uuid].filter((part) => part !== null && part !== undefined)
  return `${head.join(' ')}${pairs(fields ?? {}, before ?? {})}`
}

const show = (event: ServerEvent, settings: Settings, { out }: Streams) =>
  out(
    settings.output === 'json'
      ? `${JSON.stringify({ event: event.name, ...event.data })}\n`
      : `${lineOf(event)}\n`,
  )

interface Place {
  /** The last revision that was seen. */
  since: string | undefined
}

/** Reads one stream to its end. */
async function follow(
  settings: Settings,
  streams: Streams,
  filters: Record<string, string>,
  place: Place,
): Promise<void> {
  const parameters = { ...filters, ...(place.since === undefined ? {} : { since: place.since }) }
  const { token } = settings
  const cut = new AbortController()
  let timer = setTimeout(() => cut.abort(), silenceMs)
  const response = await fetch(`${settings.api}${targetOf(settings, '/events', parameters)}`, {
    headers: {
      accept: 'text/event-stream',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    signal: cut.signal,
  })
  if (!response.ok) {
    const text = await response.text()
    const json = parsed(text)
    clearTimeout(timer)
    const refusal = refusalOf({ status: response.status, text, json, headers: response.headers }, settings)
    throw response.status === unavailable ? new Error(refusal.message) : refusal
  }
  const heard = () => {
    clearTimeout(timer)
    timer = setTimeout(() => cut.abort(), silenceMs)
  }
  try {
    for await (const event of readEvents(response.body!, heard)) {
      if (event.id !== undefined) place.since = event.id
      const reason = event.name === 'end' ? event.data['reason'] : undefined
      if (reason === 'complete') return
      if (reason !== undefined && 'last' in filters) throw new Error(String(event.data['message']))
      show(event, settings, streams)
    }
  } finally {
    clearTimeout(timer)
  }
}

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Prints what has happened; with --follow what happens, and returns only when the API refuses. */
export async function runEvents(
  words: readonly string[],
  options: Readonly<Record<string, string>>,
  settings: Settings,
  streams: Streams,
): Promise<number> {
  if (words.length > 0) throw new UsageError(`vnctl events takes options only, not ${words.join(' ')}`)
  const { since, follow: following, last, ...rest } = options
  const follows = following === 'true'
  if (follows && last !== undefined)
    throw new UsageError('--last is for what has happened: --follow prints what happens, --since from where')
  const filters = {
    ...Object.fromEntries(Object.entries(rest).filter(([name]) => name in eventOptions)),
    ...(follows ? {} : { last: last ?? String(lastDefault) }),
  }
  const place: Place = { since }
  let delayMs = retryDelayMinMs
  for (;;) {
    try {
      await follow(settings, streams, filters, place)
      delayMs = retryDelayMinMs
      if (!follows) return 0
    } catch (error) {
      if (error instanceof RequestError) throw error
      const why = error instanceof Error ? error.message : String(error)
      if (!follows || place.since === undefined)
        throw new RequestError(`${settings.api} tells no more: ${why}`)
      streams.error(`vnctl: ${settings.api} tells no more: ${why}; trying again`)
    }
    await Bun.sleep(delayMs)
    delayMs = Math.min(delayMs * 2, retryDelayMaxMs)
  }
}
