/** Whether a ping arrives, asked with patience where it should and at once where it should not. */
import type { Machine } from '../../cli/lab/machine.ts'
import { eventually } from './open-vswitch.ts'

const patienceMs = 10_000

/** Waits until `from` gets an answer from the address. Throws when there is none in time. */
export const reaches = (from: Machine, address: string) =>
  eventually(`${from.name} to reach ${address}`, async () => (await from.ping(address)) ?? false, patienceMs)

/** True when a single ping gets no answer. Only of worth beside a `reaches` of the same moment: in a dead fabric all is silent. */
export const isSilent = async (from: Machine, address: string) => (await from.ping(address)) === null
