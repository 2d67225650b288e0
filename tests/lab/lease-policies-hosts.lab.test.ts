/** A lease policy where every hypervisor has a host of its own: the hosts give from one pool, and one of them ends leases. */
import { afterAll, afterEach, beforeAll, expect, test } from 'bun:test'
import { demoPlan } from '../../cli/lab/plan.ts'
import type { HostProcess } from '../support/host-process.ts'
import { leasePolicyRequests } from '../support/lease-policy.ts'
import { eventually } from '../support/open-vswitch.ts'
import { isSilent, reaches } from '../support/reach.ts'
import { type SharedNetwork, startSharedNetwork } from '../support/shared-network.ts'
import { describeWithServer } from '../support/with-server.ts'

const addresses = ['10.0.0.50', '10.0.0.51', '10.0.0.52']
const names = ['red1', 'red2', 'red3'] as const
/** A host that has died is forgotten by the others after three seconds. */
const anotherTakesOverWithinMs = 20_000

let network: SharedNetwork

describeWithServer('hosts that give addresses from one pool', () => {
  beforeAll(async () => {
    network = await startSharedNetwork(demoPlan, leasePolicyRequests(addresses[0]!, addresses[2]!))
  }, 60_000)
  afterAll(() => network?.stop())
  afterEach(() => network.check())

  const machine = (name: string) => network.lab.machine(name)
  const askAll = async () =>
    (await Promise.all(names.map((name) => machine(name).dhcp()))).map(({ address }) => address)

  async function attached(host: HostProcess): Promise<number> {
    const path = '/ip_lease_containers/ilc-a/ip_leases'
    const { items } = await host.api<{ items: { interface_uuid?: string }[] }>('GET', path)
    return items.filter((one) => one.interface_uuid !== undefined).length
  }

  /** All leases end, and then may last again. */
  async function endAll(by: HostProcess): Promise<void> {
    await by.api('PUT', '/ip_retention_containers/irc-a', { lease_time: 1 })
    await eventually('all leases to end', async () => (await attached(by)) === 0, anotherTakesOverWithinMs)
    await by.api('PUT', '/ip_retention_containers/irc-a?wait=applied', { lease_time: 3_600 })
  }

  test('machines that ask at the same moment, each its own host, get an address each', async () => {
    const given = await askAll()
    expect(given.toSorted()).toEqual(addresses)
    for (const address of given.slice(1)) await reaches(machine('red1'), address)
    expect(await askAll()).toEqual(given)
  }, 60_000)

  test('leases end for all hosts alike, and machines get theirs again', async () => {
    const before = await askAll()
    await endAll(network.host('node2'))
    for (const name of names)
      await eventually(`${name} to be cut off`, () => isSilent(machine(name), '10.0.0.2'))
    expect(await askAll()).toEqual(before)
  }, 60_000)

  test('whichever host dies, another ends the leases', async () => {
    for (const { name } of network.lab.hypervisors) {
      await askAll()
      await network.host(name).kill9()
      await endAll(network.hosts.find((host) => host !== network.host(name))!)
      await network.host(name).start(true)
      await network.check()
    }
    expect((await askAll()).toSorted()).toEqual(addresses)
  }, 120_000)
})
