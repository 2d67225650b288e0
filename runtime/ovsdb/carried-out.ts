/** Whether ovs-vswitchd has done what was written: it copies `next_cfg` to `cur_cfg` then, as ovs-vsctl waits for, too. */
import { failure, type Result, success } from '../problem.ts'
import type { OperationResults, OvsdbClient } from './client.ts'
import type { Operation } from './operations.ts'
import type { Replica } from './replica.ts'

const pollIntervalMs = 5

/** Behind `bumpConfiguration` in a transaction: its result is the number that ovs-vswitchd will confirm. */
export const readConfiguration: Operation = {
  op: 'select',
  table: 'Open_vSwitch',
  where: [],
  columns: ['next_cfg'],
}

const configurationIn = (results: OperationResults): number => {
  const rows = results.at(-1)?.['rows'] as readonly { readonly next_cfg: number }[] | undefined
  return rows?.[0]?.next_cfg ?? 0
}

/** Waits until what a transaction that ended with `readConfiguration` wrote is carried out. */
export async function whenCarriedOut(
  { replica, address }: OvsdbClient,
  results: OperationResults,
  timeoutMs: number,
): Promise<Result<void>> {
  const awaited = configurationIn(results)
  const isDone = () => [...replica.table('Open_vSwitch').values()].some(({ cur_cfg }) => cur_cfg >= awaited)
  const deadline = performance.now() + timeoutMs
  while (!isDone()) {
    if (performance.now() >= deadline)
      return failure({
        what: `it is written, but ovs-vswitchd has not carried it out within ${timeoutMs} ms`,
        where: address.text,
        hint: 'Is ovs-vswitchd running? Its log says more.',
      })
    await Bun.sleep(pollIntervalMs)
  }
  return success(undefined)
}

/** Fails where ovs-vswitchd was told of the bridge, and could not make it: it gives it no datapath id then. */
export function checkMade(replica: Replica, name: string): Result<void> {
  const bridge = [...replica.table('Bridge').values()].find((row) => row.name === name)
  const own = [...replica.table('Interface').values()].find((row) => row.name === name)
  const error = own?.error ?? undefined
  if (bridge !== undefined && bridge.datapath_id !== null && error === undefined) return success(undefined)
  const inKernel = bridge?.datapath_type !== 'netdev'
  return failure({
    what: 'ovs-vswitchd could not make the bridge',
    where: name,
    ...(error !== undefined && { received: error }),
    hint: inKernel
      ? 'Its log says why. Without the kernel module `openvswitch`: load it, or forward in user space (--user-space).'
      : 'Its log says why.',
  })
}
