/** A plan as text. */
import type { Plan, PlannedDatapath } from '../../../runtime/http/answers/plan.ts'
import type { FieldChange, Step } from './steps.ts'

const signs = { create: '+', change: '~', delete: '-' } as const

const shown = (value: unknown): string =>
  value === null || value === undefined
    ? '(nothing)'
    : typeof value === 'string' && /^[^\s"']+$/.test(value)
      ? value
      : JSON.stringify(value)

const fieldText = ({ name, before, after }: FieldChange) =>
  before === undefined ? `${name}=${shown(after)}` : `${name}: ${shown(before)} → ${shown(after)}`

const stepText = ({ does, what, fields }: Step) =>
  [`${signs[does]} ${what}`, fields.map(fieldText).join(' ')].filter((part) => part !== '').join('  ')

const sentences = (count: number, verb: string) => `${count} to ${verb}`

/** One line a step, and how many there are. */
export function stepsText(steps: readonly Step[]): string {
  const count = (does: Step['does']) => steps.filter((step) => step.does === does).length
  const summary = (['create', 'change', 'delete'] as const)
    .map((does) => sentences(count(does), does))
    .join(', ')
  return `${steps.map((step) => `${stepText(step)}\n`).join('')}${summary}\n`
}

function datapathText(
  { uuid, added, removed, added_count, removed_count, problems, complete }: PlannedDatapath,
  all: boolean,
) {
  const head = complete
    ? `  ${uuid}: ${added_count} flows more, ${removed_count} less\n`
    : `  ${uuid}: not computed\n`
  const lines = all
    ? [...removed.map((text) => `    - ${text}\n`), ...added.map((text) => `    + ${text}\n`)]
    : []
  return [head, ...lines, ...problems.map((problem) => `    ! ${problem}\n`)].join('')
}

/** What would change on the datapaths; every flow, if wanted. */
export const datapathsText = ({ datapaths }: Plan, all: boolean): string =>
  datapaths.length === 0 ? 'No flow changes.\n' : datapaths.map((one) => datapathText(one, all)).join('')
