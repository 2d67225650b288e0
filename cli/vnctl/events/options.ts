import type { Known } from '../options.ts'

export const eventOptions = {
  since: 'value',
  last: 'value',
  resource: 'value',
  uuid: 'value',
  datapath: 'value',
  kind: 'value',
  follow: 'flag',
} as const satisfies Known
