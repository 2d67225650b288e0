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

/** Of what one datapath serves of several that could, and what is known of that one. */
export const fence = () => ({
  /** Others could serve: the switch counts on a host that goes on saying that it is the one. */
  leased: flag('leased'),
  /** A revision that has all of this row; null: not looked up since it changed. */
  known_revision: integer('known_revision'),
  /** The datapath has acknowledged flows of that revision. */
  acknowledged: flag('acknowledged'),
})
