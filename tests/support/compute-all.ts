/** For tests: all flows of a datapath at once. */
import definition from '../../functions/flows/flows.ts'
import {
  cookieOf,
  type Flow,
  type Group,
  type Meter,
  type State,
  type TunnelPort,
  type Unit,
} from '../../runtime/openvnet.ts'

export interface Everything {
  readonly flows: readonly Flow[]
  readonly meters: readonly Meter[]
  readonly groups: readonly Group[]
  readonly tunnelPorts: readonly TunnelPort[]
  readonly uplinks: readonly string[]
  readonly units: readonly Unit[]
}

/** Every flow of a datapath, by going through its units. Throws when two of them make the same flow. */
export function computeAll(state: State, datapathId: number): Everything {
  const units = new Map<string, Unit>()
  const flows = new Map<string, { flow: Flow; unit: Unit }>()
  const all = {
    meters: [] as Meter[],
    groups: [] as Group[],
    tunnelPorts: [] as TunnelPort[],
    uplinks: [] as string[],
  }
  const waiting: Unit[] = [{ feature: 'datapath', datapathId, objectId: datapathId }]
  for (let unit = waiting.shift(); unit !== undefined; unit = waiting.shift()) {
    const key = `${unit.feature} ${unit.objectId}`
    if (units.has(key)) continue
    units.set(key, unit)
    const output = definition.features[unit.feature]!(unit, state)
    for (const flow of output.flows) {
      const identity = JSON.stringify([flow.table, flow.priority, flow.match], (_, v) =>
        typeof v === 'bigint' ? `${v}` : v,
      )
      const other = flows.get(identity)
      if (other !== undefined)
        throw new Error(`${key} and ${other.unit.feature} ${other.unit.objectId}: ${identity}`)
      flows.set(identity, { flow, unit })
    }
    all.meters.push(...(output.meters ?? []))
    all.groups.push(...(output.groups ?? []))
    all.tunnelPorts.push(...(output.tunnelPorts ?? []))
    if (output.uplink !== undefined) all.uplinks.push(output.uplink)
    waiting.push(...(output.children ?? []))
    for (const { feature, objectIds } of output.lists ?? [])
      waiting.push(...objectIds.map((objectId) => ({ feature, datapathId, objectId })))
  }
  return { ...all, flows: [...flows.values()].map(({ flow }) => flow), units: [...units.values()] }
}

/** Flows that a feature made for an object. */
export const madeBy = (all: Everything, code: { readonly code: number }, objectId: number) =>
  all.flows.filter((flow) => flow.cookie === cookieOf(code, objectId))
