/** SQL as text: parameters counted, scripts split, names quoted. */

/** Text literals, quoted names and comments: what is inside them is no parameter and ends no statement. */
const opaque = /'(?:[^']|'')*'|"(?:[^"]|"")*"|`(?:[^`]|``)*`|--[^\n]*|\/\*[\s\S]*?\*\//g

/** The number of `?` parameters of a statement. */
export function countParameters(sql: string): number {
  let count = 0
  // A bare ? is the one after the largest so far (SQLite, "Parameters").
  for (const [, number] of sql.replace(opaque, '').matchAll(/\?(\d*)/g))
    count = number === '' ? count + 1 : Math.max(count, Number(number))
  return count
}

/** The statements of a migration as drizzle-kit writes it. */
export const splitMigration = (script: string): string[] =>
  script
    .split('--> statement-breakpoint')
    .map((statement) => statement.trim())
    .filter((statement) => statement.replace(opaque, '').trim() !== '')

export const quoteName = (name: string): string => `"${name.replaceAll('"', '""')}"`
export const quoteText = (text: string): string => `'${text.replaceAll("'", "''")}'`
