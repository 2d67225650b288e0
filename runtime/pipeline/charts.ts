/** A pipeline's tables, registers and codes as Markdown, for docs/PIPELINE.md. */
import type { Code } from './cookies.ts'
import type { Names } from './text.ts'

function markdown(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}

const list = (names: readonly string[] | undefined) => (names ?? []).join(', ')

/** One row a table, in order: what it is for, what it matches and sets, where it sends packets. */
function tableChart({ tables }: Names): string {
  const rows = Object.entries(tables).map(([name, table]) => [
    String(table.id),
    `\`${name}\``,
    table.purpose,
    list(table.match),
    list(table.set),
    list(table.next),
    table.miss,
  ])
  return markdown(['id', 'table', 'for', 'matches', 'sets', 'sends to', 'else'], rows)
}

/** One row a register field, with its marks. */
function registerChart({ registers }: Names): string {
  const rows = Object.entries(registers)
    .sort(([, a], [, b]) => a.bits[0] - b.bits[0] || a.bits[1] - b.bits[1])
    .map(
      ([
        name,
        {
          bits: [register, from, to],
          values,
          note,
        },
      ]) => [
        `reg${register}[${from}..${to}]`,
        `\`${name}\``,
        Object.entries(values ?? {})
          .map(([mark, value]) => `${value} ${mark}`)
          .join(', '),
        note,
      ],
    )
  return markdown(['bits', 'register', 'marks', 'holds'], rows)
}

/** One row a feature or punt point: the upper 16 bits of cookies. */
function codeChart(codes: Readonly<Record<string, Code>>): string {
  const rows = Object.entries(codes).map(([name, { code, note }]) => [
    `0x${code.toString(16).padStart(4, '0')}`,
    `\`${name}\``,
    note,
  ])
  return markdown(['code', 'name', 'made by, or punted from'], rows)
}

/** All three charts. */
export const pipelineCharts = (names: Names, codes: Readonly<Record<string, Code>>): string =>
  [tableChart(names), registerChart(names), codeChart(codes)].join('\n\n')
