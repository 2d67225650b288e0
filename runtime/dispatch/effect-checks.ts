import type { LogFields } from '../log.ts'
import type { AlarmEffect, LogEffect } from '../openvnet/effects.ts'
import { eventLimits } from './limits.ts'

/** Says what is wrong with an effect; thrown while effects are read, inside the guard. */
export class InvalidEffect extends Error {
  override readonly name = 'InvalidEffect'
}

/** Whether a function's effects were wrong, or it threw; what it throws may throw itself when it is looked at. */
export function outcomeOfThrown(error: unknown): 'invalidEffects' | 'exception' {
  try {
    return error instanceof InvalidEffect ? 'invalidEffects' : 'exception'
  } catch {
    return 'exception'
  }
}

const keyCharactersMax = 128
const fieldsMax = 16

export function checkedText(value: unknown, where: string, charactersMax: number = keyCharactersMax): string {
  if (typeof value !== 'string' || value.length === 0) throw new InvalidEffect(`${where} is no text`)
  return value.slice(0, charactersMax)
}

/** None where nothing is given. */
function checkedTexts(values: unknown, where: string): readonly string[] {
  if (values === undefined) return []
  if (!Array.isArray(values)) throw new InvalidEffect(`${where} is no list`)
  return values.slice(0, fieldsMax).map((value) => checkedText(value, where))
}

export function checkedNumber(value: unknown, where: string, least: number, most: number): number {
  if (typeof value !== 'number' || !(value >= least && value <= most))
    throw new InvalidEffect(`${where} is not from ${least} to ${most}`)
  return value
}

/** Whole numbers only: each is written into a header. */
export function checkedInteger(value: unknown, where: string, least: number, most: number): number {
  if (!Number.isInteger(value)) throw new InvalidEffect(`${where} is no whole number`)
  return checkedNumber(value, where, least, most)
}

/** A checked copy. */
export const readAlarm = (effect: AlarmEffect): AlarmEffect => ({
  type: 'alarm',
  name: checkedText(effect.name, 'alarm.name'),
  message: checkedText(effect.message, 'alarm.message', eventLimits.logLineCharactersMax),
  fields: checkedFields(effect.fields),
  about: checkedTexts(effect.about, 'alarm.about'),
})

/** A checked copy. */
export function readLog(effect: LogEffect): LogEffect {
  const { level } = effect
  if (level !== 'debug' && level !== 'info' && level !== 'warn' && level !== 'error')
    throw new InvalidEffect('log.level is none')
  return {
    type: 'log',
    level,
    message: checkedText(effect.message, 'log.message', eventLimits.logLineCharactersMax),
    fields: checkedFields(effect.fields),
  }
}

function checkedFields(fields: unknown): LogFields {
  const copy: Record<string, string | number | boolean | null> = {}
  if (typeof fields !== 'object' || fields === null) return copy
  for (const [name, value] of Object.entries(fields).slice(0, fieldsMax))
    copy[name.slice(0, keyCharactersMax)] =
      typeof value === 'number' || typeof value === 'boolean' || value === null
        ? value
        : String(value).slice(0, eventLimits.logLineCharactersMax)
  return copy
}
