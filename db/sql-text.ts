/** SQL as text: parameters counted, scripts split, names quoted. */

/** Text literals, quoted names and comments: what is inside them is no parameter and ends no statement. */
const opaque = /'(?:[^']|'')*'|"(?:[^"]|"")*"|`(?:[^`]|``)*`|--[^\n]*|\/\*[\s\S]*?\*\//g

/** The number of `?` parameters of a statement. Named and numbered ones are not used in this project. */
export const countParameters = (sql: string): number => sql.replace(opaque, '').split('?').length - 1

/** The statements of a migration as drizzle-kit writes it. */
export const splitMigration = (script: string): string[] =>
  script
    .split('--> statement-breakpoint')
    .map((statement) => statement.trim())
    .filter((statement) => statement.replace(opaque, '').trim() !== '')

export const quoteName = (name: string): string => `"${name.replaceAll('"', '""')}"`
export const quoteText = (text: string): string => `'${text.replaceAll("'", "''")}'`
