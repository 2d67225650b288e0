/** What can be said of an interface with machines behind it that nobody has described, and what cannot. */
import { argumentError, type Row } from 'openvnet'
import { learnsMachines } from '../../state/mac-learning.ts'

type Interface = Pick<Row<'interfaces'>, 'uuid' | 'mode'>

export const learnedLimits = { least: 1, most: 65_535 }
/** In seconds. */
export const ageingTimes = { least: 10, most: 65_535 }

interface Settings {
  readonly enable_filtering?: boolean | undefined
  readonly ingress_filtering_enabled?: boolean | undefined
  readonly mac_learning_limit?: number | undefined
  readonly mac_ageing_time?: number | undefined
}

/** Rules are about the addresses of an interface, and one with many machines behind it has none. */
export function checkGuarded(name: string, { uuid, mode }: Interface): void {
  if (learnsMachines(mode))
    throw argumentError(
      `${name}: ${uuid} is ${mode}: filters and security groups are about the addresses of an interface, and those of the machines behind it are not known; put them on the interfaces that these machines talk to`,
    )
}

/** Refuses what would be kept and change nothing. */
export function checkSettings(owner: Interface, input: Settings): void {
  for (const name of ['enable_filtering', 'ingress_filtering_enabled'] as const)
    if (input[name] === true) checkGuarded(name, owner)
  for (const name of ['mac_learning_limit', 'mac_ageing_time'] as const)
    if (input[name] !== undefined && !learnsMachines(owner.mode))
      throw argumentError(
        `${name}: ${owner.uuid} is ${owner.mode}; machines are learned behind promiscuous and edge interfaces only`,
      )
}
