/** A lab whose hypervisors have a host each, sharing a libSQL server: what tests of several hosts start from. */
import { type Lab, startLab } from '../../cli/lab/lab.ts'
import { demoPlan, type LabPlan } from '../../cli/lab/plan.ts'
import { demoRequests } from '../../cli/vnet/demo/network.ts'
import type { TestServer } from '../../db/testing/server.ts'
import { createTestDatabase } from '../../db/testing.ts'
import { type HostProcess, startHostProcess } from './host-process.ts'
import { eventually } from './open-vswitch.ts'

export interface SharedNetwork {
  readonly lab: Lab
  readonly database: TestServer
  /** The host of a hypervisor; it serves that datapath only. */
  host(hypervisor: string): HostProcess
  readonly hosts: readonly HostProcess[]
  /** Fails, with the differences, unless every host's flows are those of the state, in memory and in its switches. */
  check(): Promise<void>
  stop(): Promise<void>
}

/** Starts lab, server and hosts, and sends the requests to the first host. */
export async function startSharedNetwork(
  plan: LabPlan = demoPlan,
  requests: readonly unknown[] = demoRequests(plan),
): Promise<SharedNetwork> {
  const lab = await startLab(plan)
  const database = await createTestDatabase(true)
  const hosts = new Map<string, HostProcess>()
  const stop = async () => {
    await Promise.all([...hosts.values()].map((host) => host.remove()))
    await lab.stop()
    await database.dispose()
  }
  try {
    const { url } = database
    // One after the other: the first makes the tables.
    for (const { name, openVswitch } of lab.hypervisors)
      hosts.set(name, await startHostProcess(hostOptions(name, openVswitch.dbSocket, url)))
    const [first] = hosts.values()
    await first!.api('POST', '/batch', requests)
    const network = asNetwork(lab, database.server!, hosts, stop)
    await network.check()
    return network
  } catch (error) {
    await stop()
    throw error
  }
}

/** What a host of one hypervisor is started with. */
const hostOptions = (name: string, dbSocket: string, database: string) => ({
  database,
  ovsdb: [`unix:${dbSocket}`],
  arguments: ['--node-id', name],
})

/** Every datapath of the state is connected to one of the hosts, as far as this one knows. */
async function areAllConnected(host: HostProcess, names: readonly string[]): Promise<boolean> {
  const all = await Promise.all(names.map((name) => host.request('GET', `/datapaths/dp-${name}/status`)))
  return all.every(({ status, answer }) => status === 200 && (answer as { connected: boolean }).connected)
}

function asNetwork(
  lab: Lab,
  database: TestServer,
  byName: ReadonlyMap<string, HostProcess>,
  stop: () => Promise<void>,
): SharedNetwork {
  const hosts = [...byName.values()]
  return {
    lab,
    database,
    hosts,
    host(name) {
      const host = byName.get(name)
      if (host === undefined) throw new Error(`there is no host ${name}`)
      return host
    },
    async check() {
      for (const host of hosts)
        await eventually('every host to know of every datapath', () =>
          areAllConnected(host, [...byName.keys()]),
        )
      const differences = (await Promise.all(hosts.map((host) => host.differences()))).flat()
      if (differences.length > 0) throw new Error(`flows differ:\n${differences.join('\n')}`)
    },
    stop,
  }
}
