/** Uuids for rows that nobody has named. */
const alphabet = 'abcdefghijklmnopqrstuvwxyz0123456789'
const randomLength = 8

/** The prefix and eight letters and digits; whether it is taken is the caller's to see. */
export function randomUuid(prefix: string, random: () => number): string {
  let text = ''
  for (let index = 0; index < randomLength; index++) text += alphabet[Math.floor(random() * alphabet.length)]
  return `${prefix}-${text}`
}
