/**
 * Machines that nobody has described, behind an interface: how many of them a switch learns, and for how long one that is
 * not heard stays known. What the interface does not say is as in physical switches.
 */
import type { InterfaceMode, Row, State } from 'openvnet'

/** In each network or segment, behind each port. */
export const macsPerPort = 1_024
const ageingSeconds = 300

/** Whether there may be such machines behind an interface. */
export const learnsMachines = (mode: InterfaceMode): boolean => mode === 'promiscuous' || mode === 'edge'

/** What bounds what is learned. */
export interface Learning {
  readonly limit: number
  /** In seconds. */
  readonly ageing: number
}

const learningOf = ({ mac_learning_limit, mac_ageing_time }: Row<'interfaces'>): Learning => ({
  limit: mac_learning_limit ?? macsPerPort,
  ageing: mac_ageing_time ?? ageingSeconds,
})

/** Behind the ports of these interfaces together. */
export function learningBehind(state: State, interfaceIds: readonly number[]): Learning {
  const all = interfaceIds.flatMap((id) => state.interfaces.get(id) ?? []).map(learningOf)
  return {
    limit: all.reduce((sum, { limit }) => sum + limit, 0),
    ageing: Math.max(...all.map(({ ageing }) => ageing)),
  }
}
