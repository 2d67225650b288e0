import { readFileSync } from 'node:fs'
import type { JsonMessage } from '../index.ts'

export interface Sample {
  /** What `ovs-ofctl ofp-print` says of it, where it knows the message. */
  readonly print: string | null
  readonly hex: string
  readonly json: JsonMessage
}

/** One message of every kind, as bytes, as JSON and as Open vSwitch's text: a line each in `samples.jsonl`. */
export const samples: readonly Sample[] = readFileSync(new URL('./samples.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Sample)

/** What tells messages apart, for the names of tests. */
export const nameOf = ({ json }: Sample): string =>
  [json['type'], json['multipart_type'], json['error_type']].filter((part) => part !== undefined).join(' ')
