/** Who reaches whom: every machine pings every address, and each machine says whether a ping arrived at it. */
import type { Machine } from '../../lab/machine.ts'

const firstAttemptsMax = 4

export interface Addressed {
  readonly machine: Machine
  readonly address: string
}

/** `reached[from][to]`: the round-trip time in milliseconds, or null when the ping did not arrive there or was not answered. */
export type Matrix = ReadonlyMap<Machine, ReadonlyMap<Machine, number | null>>

/** How many echo requests a machine has received, by its kernel's own count. */
async function echoesReceived(machine: Machine): Promise<number> {
  const lines = (await machine.exec('cat', '/proc/net/snmp'))
    .split('\n')
    .filter((line) => line.startsWith('Icmp:'))
  const [names, values] = lines.map((line) => line.split(' '))
  return Number(values?.[names?.indexOf('InEchos') ?? -1])
}

const echoesOf = (all: readonly Addressed[]) => Promise.all(all.map(({ machine }) => echoesReceived(machine)))

/**
 * Pings until something answers. The first packets into a tunnel are lost while Open vSwitch asks for the MAC address
 * of the next hop, once in each direction.
 */
async function firstAnswer(machine: Machine, address: string): Promise<void> {
  for (let attempt = 0; attempt < firstAttemptsMax; attempt++)
    if ((await machine.ping(address)) !== null) return
}

/** One ping at a time, so that whoever received it can be named although tenants have the same addresses. */
export async function measureMatrix(all: readonly Addressed[]): Promise<Matrix> {
  const matrix = new Map(all.map(({ machine }) => [machine, new Map<Machine, number | null>()]))
  const addresses = [...new Set(all.map(({ address }) => address))]
  for (const from of all)
    for (const address of addresses) {
      if (address === from.address) continue
      await firstAnswer(from.machine, address)
      const before = await echoesOf(all)
      const time = await from.machine.ping(address)
      const after = await echoesOf(all)
      for (const [i, to] of all.entries())
        if (to.address === address)
          matrix.get(from.machine)!.set(to.machine, after[i]! > before[i]! ? time : null)
    }
  return matrix
}

/** Whether each machine reaches all of its own tenant and nobody else. */
export function isAsWanted(matrix: Matrix, tenantOf: (machine: Machine) => string): boolean {
  for (const [from, row] of matrix)
    for (const [to, time] of row) if ((time !== null) !== (tenantOf(from) === tenantOf(to))) return false
  return matrix.size > 0
}

/** A table for a terminal: a row for each sender, a column for each receiver. */
export function formatMatrix(matrix: Matrix): string {
  const machines = [...matrix.keys()]
  const width = 9
  const cell = (from: Machine, to: Machine) => {
    if (from === to) return ''
    const time = matrix.get(from)?.get(to)
    return time === null || time === undefined ? '–' : `${time.toFixed(2)} ms`
  }
  const line = (first: string, cells: readonly string[]) =>
    `  ${first.padEnd(14)}${cells.map((text) => text.padStart(width)).join('')}`
  const header = line(
    'from \\ to',
    machines.map((machine) => machine.name),
  )
  return [
    header,
    ...machines.map((from) =>
      line(
        `${from.name} ${from.hypervisor}`,
        machines.map((to) => cell(from, to)),
      ),
    ),
  ].join('\n')
}
