/** A lease policy that changes while machines have it; and two hosts on every switch, each of which hears every client. */
import { afterAll, afterEach, beforeAll, expect, test } from 'bun:test'
import { demoPlan } from '../../cli/lab/plan.ts'
import { createTestDatabase, type TestDatabase } from '../../db/testing.ts'
import { type HostProcess, startHostProcess } from '../support/host-process.ts'
import { leasePolicyRequests } from '../support/lease-policy.ts'
import { type Network, startNetwork } from '../support/network.ts'
import { eventually } from '../support/open-vswitch.ts'
import { isSilent, reaches } from '../support/reach.ts'
import { describeWithServer } from '../support/with-server.ts'

const first = '10.0.0.50'
let network: Network
let database: TestDatabase
let other: HostProcess

describeWithServer('a lease policy, with two hosts on every switch', () => {
  beforeAll(async () => {
    database = await createTestDatabase(true)
    network = await startNetwork(demoPlan, leasePolicyRequests(first, '10.0.0.59'), {
      database: database.url,
    })
    const ovsdb = network.lab.hypervisors.map(({ openVswitch }) => `unix:${openVswitch.dbSocket}`)
    other = await startHostProcess({ database: database.url, ovsdb })
  }, 60_000)
  afterAll(async () => {
    await other?.remove()
    await network?.stop()
    await database?.dispose()
  })
  afterEach(async () => {
    await network.check()
    await eventually('the other host to agree', async () => (await other.differences()).length === 0)
  })

  const machine = (name: string) => network.lab.machine(name)
  const addressesOf = async (name: string) => {
    const { mac_leases } = await other.api<{ mac_leases: { ip_leases: { ipv4_address: string }[] }[] }>(
      'GET',
      `/interfaces/if-${name}`,
    )
    return mac_leases.flatMap(({ ip_leases }) => ip_leases.map(({ ipv4_address }) => ipv4_address))
  }
  const isRefused = (name: string) =>
    machine(name)
      .exec('udhcpc', '-i', 'eth0', '-f', '-n', '-q', '-s', '/bin/true', '-t', '2', '-T', '1', '-A', '1')
      .then(
        () => false,
        () => true,
      )

  test('a client whose words both hosts hear gets one address', async () => {
    const { address } = await machine('red1').dhcp()
    expect(address).toBe(first)
    for (let again = 0; again < 3; again++) expect((await machine('red1').dhcp()).address).toBe(first)
    expect(await addressesOf('red1')).toEqual([first])
    const { total_count } = await other.api('GET', '/ip_lease_containers/ilc-a/ip_leases')
    expect(total_count).toBe(1)
  }, 60_000)

  test('without its network, and without its ranges, a policy gives nothing; with them it does again', async () => {
    await other.api('DELETE', '/lease_policies/lp-a/networks/nw-red?wait=applied')
    expect(await isRefused('red2')).toBe(true)
    await reaches(machine('red1'), '10.0.0.2')
    await other.api('POST', '/ip_range_groups', { uuid: 'iprg-b', allocation_type: 'decremental' })
    await other.api('POST', '/lease_policies/lp-a/networks/nw-red?wait=applied', {
      ip_range_group_uuid: 'iprg-b',
    })
    expect(await isRefused('red2')).toBe(true)
    await other.api('POST', '/ip_range_groups/iprg-b/ip_ranges?wait=applied', {
      begin_ipv4_address: '10.0.0.200',
      end_ipv4_address: '10.0.0.255',
    })
    expect((await machine('red2').dhcp()).address).toBe('10.0.0.254')
    await reaches(machine('red2'), first)
  }, 60_000)

  test('a policy that becomes immediate gives what is waited for, and its machine is told so by DHCP', async () => {
    expect(await addressesOf('red3')).toEqual([])
    await other.api('PUT', '/lease_policies/lp-a?wait=applied', { timing: 'immediate' })
    expect(await addressesOf('red3')).toEqual(['10.0.0.253'])
    expect((await machine('red3').dhcp()).address).toBe('10.0.0.253')
    await reaches(machine('red3'), '10.0.0.254')
    await other.api('PUT', '/lease_policies/lp-a?wait=applied', { timing: 'dhcp' })
    expect((await machine('red3').dhcp()).address).toBe('10.0.0.253')
  }, 60_000)

  test('an interface that is released by hand is cut off at once; its MAC may ask again', async () => {
    const { items } = await other.api<{ items: { uuid: string; ipv4_address: string }[] }>(
      'GET',
      '/ip_lease_containers/ilc-a/ip_leases',
    )
    const { uuid } = items.find(({ ipv4_address }) => ipv4_address === first)!
    await reaches(machine('red1'), '10.0.0.2')
    await other.api('PUT', `/ip_leases/${uuid}/release?wait=applied`)
    expect(await isSilent(machine('red1'), '10.0.0.2')).toBe(true)
    expect((await machine('red1').dhcp()).address).toBe(first)
    await reaches(machine('red1'), '10.0.0.2')
  }, 60_000)
})
