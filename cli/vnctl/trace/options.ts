import type { Known } from '../options.ts'

export const traceOptions = { ct: 'value', brief: 'flag' } as const satisfies Known
