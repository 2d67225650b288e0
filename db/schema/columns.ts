/** Columns that tables have in common. */
import { integer, text } from 'drizzle-orm/sqlite-core'

export const id = () => integer('id').primaryKey({ autoIncrement: true })
export const times = () => ({
  created_at: integer('created_at').notNull(),
  updated_at: integer('updated_at').notNull(),
})
export const flag = (name: string, otherwise = false) =>
  integer(name, { mode: 'boolean' }).notNull().default(otherwise)
export const uuid = () => text('uuid').notNull().unique()
