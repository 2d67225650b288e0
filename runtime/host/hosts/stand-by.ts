/**
 * Several hosts may serve one switch: they compute the same flows from the same state. But not with different versions
 * of the flow functions: then the newest serves, and the others stand by.
 */
import type { OtherHost } from './host-table.ts'

/** Ids of the datapaths that this host is to leave to one that serves them with newer flow functions. */
export function leftToNewer(flowsVersion: number, others: readonly OtherHost[]): ReadonlySet<number> {
  const newer = others.filter((other) => other.flowsVersion > flowsVersion)
  return new Set(newer.flatMap(({ applied }) => [...applied.keys()]))
}
