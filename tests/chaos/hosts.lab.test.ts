/** Hosts that share a database, written to through all of them without pause, while hosts, server and switches die. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import type { HostProcess } from '../support/host-process.ts'
import { eventually } from '../support/open-vswitch.ts'
import { plug, unplug } from '../support/plugging.ts'
import { reaches } from '../support/reach.ts'
import { type SharedNetwork, startSharedNetwork } from '../support/shared-network.ts'
import { describeWithServer } from '../support/with-server.ts'

const pauseAfterFailureMs = 50
/** Writes that each disaster is to meet. */
const writesBetween = 15
const inStepWithinMs = 20_000

let network: SharedNetwork
describeWithServer('hosts that share a database', () => {
  beforeAll(async () => {
    network = await startSharedNetwork()
    await Promise.all(network.lab.machines.map((machine) => machine.dhcp()))
  }, 60_000)
  afterAll(() => network?.stop())

  const macOf = (n: number) =>
    `52:54:00:01:${(n >> 8).toString(16).padStart(2, '0')}:${(n & 255).toString(16).padStart(2, '0')}`
  /** What is known of an interface: what was asked for last, and whether that was acknowledged. */
  const asked = new Map<number, { readonly there: boolean; readonly acknowledged: boolean }>()
  let ended = false
  let writes = 0
  let next = 1

  /** Creates interfaces that every switch has flows for, and deletes every third again. */
  async function client(host: HostProcess): Promise<void> {
    const ask = async (n: number, there: boolean, method: string, path: string, body?: unknown) => {
      asked.set(n, { there, acknowledged: false })
      const status = await host.request(method, path, body).then(
        (answer) => answer.status,
        () => 0,
      )
      const acknowledged = status >= 200 && status < 300
      if (acknowledged) writes++
      else {
        expect([0, 503]).toContain(status)
        await Bun.sleep(pauseAfterFailureMs)
      }
      asked.set(n, { there, acknowledged })
      return acknowledged
    }
    while (!ended) {
      const n = next++
      const created = await ask(n, true, 'POST', '/interfaces', {
        uuid: `if-c${n}`,
        mode: 'simulated',
        network_uuid: 'nw-wide',
        mac_address: macOf(n),
        ipv4_address: `10.7.${n >> 8}.${n & 255}`,
      })
      if (created && n % 3 === 0) await ask(n, false, 'DELETE', `/interfaces/if-c${n}`)
    }
  }

  async function meet(disaster: () => Promise<unknown>): Promise<void> {
    const before = writes
    await eventually('writes to go on', () => writes >= before + writesBetween, inStepWithinMs)
    await disaster()
  }

  const restart = async (node: string) => {
    await network.host(node).kill9()
    await network.host(node).start(true)
  }
  const restartDatabase = async () => {
    await network.database.kill()
    await Bun.sleep(300)
    await network.database.restart()
  }
  const restartSwitch = async (node: string) => {
    const { openVswitch } = network.lab.hypervisor(node)
    await openVswitch.killVswitchd()
    await openVswitch.startVswitchd()
  }

  test('whatever dies, and however often: nothing acknowledged is lost, and in the end all hosts and switches are of one mind', async () => {
    const { lab, hosts } = network
    const wide = { uuid: 'nw-wide', mode: 'virtual', ipv4_network: '10.7.0.0', ipv4_prefix: 16 }
    await hosts[0]!.api('POST', '/networks', wide)
    for (const { name } of lab.hypervisors)
      await hosts[0]!.api('POST', `/datapaths/dp-${name}/networks/nw-wide`, { interface_uuid: `if-${name}` })
    // Every hypervisor has a machine in it, so that every switch has its flows.
    for (const [at, { name }] of lab.hypervisors.entries())
      await hosts[0]!.api('POST', '/ip_leases', {
        interface_uuid: `if-red${at + 1}`,
        network_uuid: 'nw-wide',
        ipv4_address: `10.7.255.${name.at(-1)}`,
      })
    const clients = [...hosts, ...hosts].map(client)
    const red2 = lab.machine('red2')
    await meet(() => restart('node2'))
    await meet(() => restartDatabase())
    await meet(() => restartSwitch('node3'))
    await meet(() => Promise.all([restartDatabase(), restart('node1')]))
    await meet(() => Promise.all([restart('node3'), unplug(lab.hypervisor('node2'), red2)]))
    await meet(() => Promise.all([restartDatabase(), plug(lab.hypervisor('node2'), red2)]))
    await meet(() => Promise.all([restart('node1'), restart('node2'), restart('node3')]))
    await meet(() => Promise.resolve())
    ended = true
    await Promise.all(clients)

    await network.check()
    await eventually('every host to be at the same revision', async () => {
      const revisions = await Promise.all(
        hosts.map((host) => host.api<{ revision: number }>('GET', '/audit')),
      )
      return new Set(revisions.map(({ revision }) => revision)).size === 1
    })
    const flows = await Promise.all(
      lab.hypervisors.map(({ openVswitch }) => openVswitch.ofctl('dump-flows', 'br0')),
    )
    const known = [...asked].filter(([, { acknowledged }]) => acknowledged)
    expect(known.length).toBeGreaterThan(7 * writesBetween)
    const wrong = known.filter(([n, { there }]) => flows.some((text) => text.includes(macOf(n)) !== there))
    expect(wrong).toEqual([])
    await reaches(lab.machine('red1'), '10.0.0.12')
    await reaches(lab.machine('red1'), '10.0.0.13')
    await network.check()
  }, 180_000)
})
