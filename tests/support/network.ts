/** A lab with a host that serves it: what tests of the whole start from. */

import { type Lab, startLab } from '../../cli/lab/lab.ts'
import { demoPlan, type LabPlan } from '../../cli/lab/plan.ts'
import { demoRequests } from '../../cli/vnet/demo/network.ts'
import { type HostOptions, type HostProcess, startHostProcess } from './host-process.ts'
import { eventually } from './open-vswitch.ts'

export interface Network {
  readonly lab: Lab
  readonly host: HostProcess
  /** Fails, with the differences, unless all are connected and flows held, flows of the state and flows in the switches are the same. */
  check(): Promise<void>
  stop(): Promise<void>
}

/** Starts lab and host; with no requests the host has an empty state. */
export async function startNetwork(
  plan: LabPlan = demoPlan,
  requests: readonly unknown[] = demoRequests(plan),
  options: HostOptions = {},
): Promise<Network> {
  const lab = await startLab(plan)
  let host: HostProcess | undefined
  try {
    const ovsdb = lab.hypervisors.map(({ openVswitch }) => `unix:${openVswitch.dbSocket}`)
    host = await startHostProcess({ ovsdb, ...options })
    if (requests.length > 0) await host.api('POST', '/batch?wait=applied', requests)
    return asNetwork(lab, host)
  } catch (error) {
    await host?.remove()
    await lab.stop()
    throw error
  }
}

const asNetwork = (lab: Lab, host: HostProcess): Network => ({
  lab,
  host,
  async check() {
    await eventually('every switch of the lab that is registered to be connected', async () => {
      const { datapaths } = await host.audit()
      const ours = new Set(lab.plan.hypervisors.map(({ dpid }) => `0x${dpid}`))
      return datapaths.every(({ dpid, connected }) => connected || !ours.has(dpid))
    })
    const differences = await host.differences()
    if (differences.length > 0) throw new Error(`flows differ:\n${differences.join('\n')}`)
  },
  async stop() {
    await host.remove()
    await lab.stop()
  },
})
