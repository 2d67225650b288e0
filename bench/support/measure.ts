/** Times, shares of them, and what a process has cost: on a machine that does other things too, wall time says little. */
import { readdirSync, readFileSync } from 'node:fs'
import type { PortNetwork } from './big-network.ts'

/** A tick of /proc/PID/stat, `sysconf(_SC_CLK_TCK)` on every Linux of today. */
const tickMs = 10

/** CPU time that a process has used so far, all its threads together, user and kernel, in ms (proc(5)). */
export function cpuMs(pid: number): number {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) * tickMs
}

/** The process whose command line has both of these in it. Throws when there is none. */
function pidOf(program: string, argument: string): number {
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const [command = '', ...rest] = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
      if (command.endsWith(program) && rest.some((one) => one.includes(argument))) return Number(pid)
    } catch {
      // It has ended meanwhile.
    }
  }
  throw new Error(`no ${program} runs with ${argument}`)
}

export async function timed(run: () => Promise<unknown>): Promise<number> {
  const began = performance.now()
  await run()
  return performance.now() - began
}

/** The value below which this share of the values lies. */
export const share = (values: readonly number[], part: number): number =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * part))]!

export const p50 = (values: readonly number[]) => share(values, 0.5)

/** `12.3 ms (0.41 of the aim)`. */
export const against = (value: number, aim: number, unit: string): string =>
  `${value.toFixed(1)} ${unit} (${(value / aim).toFixed(2)} of the aim, ${aim} ${unit})`

/** How many processes want a processor: figures of a busy machine are those of a slower one. */
export const printLoad = () =>
  console.log(
    `load ${readFileSync('/proc/loadavg', 'utf8').split(' ')[0]} on ${navigator.hardwareConcurrency} processors`,
  )

/** Wall time, and CPU time of what controls the switch and of Open vSwitch, in ms. */
export async function costOf(
  { controllers, openVswitch }: Pick<PortNetwork, 'controllers' | 'openVswitch'>,
  run: () => Promise<unknown>,
) {
  const vswitchd = pidOf('ovs-vswitchd', openVswitch.dir)
  const control = () => controllers.reduce((sum, pid) => sum + cpuMs(pid), 0)
  const before = [control(), cpuMs(vswitchd)] as const
  const ms = await timed(run)
  return { ms, control: control() - before[0], vswitchd: cpuMs(vswitchd) - before[1] }
}

/** What a peer gives; undefined where it fails, which is told: ours go on. */
export async function ofPeer<T>(name: string, run: () => Promise<T>): Promise<T | undefined> {
  try {
    return await run()
  } catch (error) {
    console.log(`${name} is left out from here on: ${(error as Error).message}`)
    return undefined
  }
}

/** Ours in relation to the peer's, figure by figure, where there is a peer. */
export function ratios(names: readonly string[], [ours = [], theirs]: readonly (readonly number[])[]): void {
  if (theirs === undefined) return
  const cells = names.map((name, n) => `${name} ${(ours[n]! / theirs[n]!).toFixed(3)}`)
  console.log(`  ours / theirs: ${cells.join(', ')}`)
}
