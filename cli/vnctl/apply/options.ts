import type { Known } from '../options.ts'

export const applyOptions = {
  file: 'value',
  prune: 'flag',
  yes: 'flag',
  dry_run: 'flag',
  flows: 'flag',
} as const satisfies Known
