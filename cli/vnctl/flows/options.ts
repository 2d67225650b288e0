import type { Known } from '../options.ts'

export const flowsOptions = {
  table: 'value',
  object: 'value',
  feature: 'value',
  watch: 'flag',
  interval: 'value',
} as const satisfies Known
