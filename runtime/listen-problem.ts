/** Why an address cannot be listened at, in words. */
import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import type { Problem } from './problem.ts'

const reasons: Readonly<Record<string, string>> = {
  EADDRINUSE: 'is in use by another program',
  EADDRNOTAVAIL: 'is no address of this machine',
  EACCES: 'may not be listened at by this user',
  ENOENT: 'is in a folder that is not there',
}

/** Whether it was for the address being taken. */
export const isInUse = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'EADDRINUSE'

/** @param option that names the address: `--http` */
export function listenProblem(error: unknown, option: string, address: string): Problem {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const what = reasons[code]
  const where = `${option} ${address}`
  const hint = `Choose another with ${option}.`
  if (what !== undefined) return { what, where, hint }
  const received = error instanceof Error ? error.message : String(error)
  return { what: 'cannot be listened at', where, received, hint }
}

/** The problem of a name without an address. To be asked before: what Bun says of it afterwards may be of another error. */
export async function nameProblem(
  host: string,
  option: string,
  address: string,
): Promise<Problem | undefined> {
  if (isIP(host) !== 0) return undefined
  const found = await lookup(host).catch(() => undefined)
  if (found !== undefined) return undefined
  const hint = `Choose another with ${option}.`
  return { what: `the name ${host} does not resolve to an address`, where: `${option} ${address}`, hint }
}
