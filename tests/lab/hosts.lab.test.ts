/** A host on each hypervisor, one libSQL server for all. */
import { afterAll, afterEach, beforeAll, expect, test } from 'bun:test'
import type { ServerEvent } from '../../cli/vnctl/events/server-events.ts'
import { isAsWanted, measureMatrix } from '../../cli/vnet/demo/matrix.ts'
import type { Plan } from '../../runtime/http/answers/plan.ts'
import type { Trace } from '../../runtime/http/answers/trace.ts'
import { listenTo } from '../support/event-reader.ts'
import type { HostProcess } from '../support/host-process.ts'
import { eventually } from '../support/open-vswitch.ts'
import { plug, unplug } from '../support/plugging.ts'
import { isSilent, reaches } from '../support/reach.ts'
import { type SharedNetwork, startSharedNetwork } from '../support/shared-network.ts'
import { lossDuring } from '../support/stream.ts'
import { describeWithServer } from '../support/with-server.ts'

interface Applied {
  readonly revision: number
  readonly pending: readonly string[]
  readonly disconnected: readonly string[]
}

let network: SharedNetwork
describeWithServer('a host on each hypervisor', () => {
  beforeAll(async () => {
    network = await startSharedNetwork()
  }, 60_000)
  afterAll(() => network?.stop())
  afterEach(() => network.check(), 30_000)

  const machine = (name: string) => network.lab.machine(name)
  const nodes = ['node1', 'node2', 'node3']
  /** Whether a datapath has flows for a MAC address. */
  const knows = async (node: string, mac: string) =>
    (await network.lab.hypervisor(node).openVswitch.ofctl('dump-flows', 'br0')).includes(mac)
  const knowing = async (mac: string) => {
    const all = await Promise.all(nodes.map((node) => knows(node, mac)))
    return nodes.filter((_, at) => all[at])
  }
  const interfaceBody = (n: number) => ({
    uuid: `if-extra${n}`,
    mode: 'simulated',
    network_uuid: 'nw-red',
    mac_address: `52:54:00:00:09:${n.toString(16).padStart(2, '0')}`,
    ipv4_address: `10.0.0.${100 + n}`,
  })
  let extra = 0
  /** Adds a simulated interface: every datapath that carries red gets flows that answer for it. */
  async function addExtra(host: HostProcess, wait = 'wait=applied') {
    const n = ++extra
    const { applied } = await host.api<{ applied: Applied }>('POST', `/interfaces?${wait}`, interfaceBody(n))
    return { applied, mac: interfaceBody(n).mac_address }
  }

  test('each host serves its own datapath, and machines reach their own tenant over all of them', async () => {
    for (const [name, host] of nodes.map((one) => [one, network.host(one)] as const)) {
      const { datapaths } = await host.api<{ datapaths: { uuid: string }[] }>('GET', '/audit')
      expect(datapaths.map(({ uuid }) => uuid)).toEqual([`dp-${name}`])
    }
    const { machines } = network.lab
    const addressed = await Promise.all(
      machines.map(async (one) => ({ machine: one, address: (await one.dhcp()).address })),
    )
    expect(addressed.map(({ address }) => address)).toEqual(
      [11, 11, 12, 12, 13, 13].map((n) => `10.0.0.${n}`),
    )
    expect(isAsWanted(await measureMatrix(addressed), (one) => one.name.slice(0, -1))).toBe(true)
  }, 60_000)

  test('when wait=applied answers, the flows are in the switches of the other hosts', async () => {
    for (const host of [...network.hosts, ...network.hosts]) {
      const { applied, mac } = await addExtra(host)
      expect(applied).toMatchObject({ pending: [], disconnected: [] })
      expect(await knowing(mac)).toEqual(nodes)
    }
  }, 30_000)

  test('a change through one host reaches the machines of another', async () => {
    await reaches(machine('red1'), '10.0.0.13')
    await network.host('node1').api('DELETE', '/interfaces/if-red3?wait=applied')
    expect(await isSilent(machine('red1'), '10.0.0.13')).toBe(true)
    await reaches(machine('red1'), '10.0.0.12')
    await network.host('node2').api('POST', '/interfaces?wait=applied', {
      uuid: 'if-red3',
      mode: 'vif',
      port_name: 'red3',
      network_uuid: 'nw-red',
      mac_address: machine('red3').mac,
      ipv4_address: '10.0.0.13',
    })
    await reaches(machine('red1'), '10.0.0.13')
  }, 30_000)

  test('what happens anywhere is told by every host, and can be tried and followed from any', async () => {
    const host = network.host('node1')
    const reader = await listenTo(host.apiUrl)
    const connected = (await host.api<{ revision: number }>('GET', '/audit')).revision
    expect(reader.events[0]!.data['datapaths']).toMatchObject(
      nodes.map((node) => ({ uuid: `dp-${node}`, connected: true })),
    )
    await addExtra(network.host('node2'))
    await reader.until('the interface', ({ data }) => data['uuid'] === `if-extra${extra}`)
    const isApplied = (node: string) => (event: ServerEvent) =>
      event.name === 'applied' &&
      event.data['uuid'] === `dp-${node}` &&
      Number((event.data['fields'] as Record<string, unknown>)['applied_revision']) > connected
    for (const node of nodes) await reader.until(`what ${node} has applied`, isApplied(node))
    const more = [{ method: 'POST', path: '/interfaces', body: interfaceBody(90) }]
    const plan = await host.api<Plan>('POST', '/batch?dry_run=true', more)
    expect(plan.datapaths.map(({ uuid, complete }) => [uuid, complete])).toEqual(
      nodes.map((node) => [`dp-${node}`, true]),
    )
    const packet = { interface_uuid: 'if-red2', packet: 'icmp,ipv4_dst=10.0.0.13' }
    const trace = await host.api<Trace>('POST', '/trace', packet)
    expect([trace.hops.map(({ datapath_uuid }) => datapath_uuid), trace.delivered_to]).toEqual([
      ['dp-node2', 'dp-node3'],
      ['if-red3'],
    ])
    const away = await host.request('GET', '/datapaths/dp-node3/flows')
    expect(away).toMatchObject({ status: 503, answer: { message: expect.stringContaining('node3') } })
    await network.lab.hypervisor('node3').openVswitch.vsctl('set-fail-mode', 'br0', 'standalone')
    const drift = await reader.until('the alarm of node3', ({ name }) => name === 'alarm')
    expect(drift.data).toMatchObject({
      uuid: 'dp-node3',
      fields: { name: 'bridge-drift', node_id: 'node3' },
      revision: Number(drift.id),
    })
    // Who was away hears of it at any host.
    const since = `kind=alarm&since=${Number(drift.id) - 1}`
    for (const node of nodes) {
      const late = await listenTo(network.host(node).apiUrl, since)
      expect(await late.until('the same', ({ name }) => name === 'alarm')).toEqual(drift)
      late.close()
    }
    await network.host('node3').stop()
    const isOf3 = (name: string) => (event: ServerEvent) =>
      event.name === name && event.data['uuid'] === 'dp-node3'
    await reader.until('node3 to be gone', isOf3('datapath_disconnected'))
    await network.host('node3').start()
    await reader.until('node3 to be back', isOf3('datapath_connected'))
    reader.close()
  }, 60_000)

  test('a switch that hangs is named as pending by every host', async () => {
    const { openVswitch } = network.lab.hypervisor('node3')
    openVswitch.pauseVswitchd()
    try {
      const began = performance.now()
      const { applied } = await addExtra(network.host('node1'), 'wait=applied&timeout_ms=500')
      expect(applied).toMatchObject({ pending: ['dp-node3'], disconnected: [] })
      expect(performance.now() - began).toBeGreaterThanOrEqual(500)
    } finally {
      openVswitch.resumeVswitchd()
    }
    expect((await addExtra(network.host('node1'))).applied).toMatchObject({ pending: [], disconnected: [] })
  }, 30_000)

  test('a host that is stopped takes its datapath from those that are waited for, at once', async () => {
    await network.host('node3').stop()
    const { applied } = await addExtra(network.host('node1'))
    expect(applied).toMatchObject({ pending: [], disconnected: ['dp-node3'] })
    await network.host('node3').start()
  }, 30_000)

  test('a host is killed: the others go on, its traffic goes on, and it comes back in step', async () => {
    await reaches(machine('red1'), '10.0.0.13')
    let mac = ''
    const { lost } = await lossDuring(machine('red1'), '10.0.0.13', async () => {
      await network.host('node3').kill9()
      // Within the time after which a silent host counts as dead the wait ends, with what it then knows.
      const added = await addExtra(network.host('node1'))
      expect(added.applied).toMatchObject({ pending: [], disconnected: ['dp-node3'] })
      mac = added.mac
      expect(await knowing(mac)).toEqual(['node1', 'node2'])
      await network.host('node3').start()
      await eventually('node3 to be in step', () => knows('node3', mac))
    })
    expect(lost).toBe(0)
  }, 60_000)

  test('the database server is killed: 503, and afterwards everything is in step by itself, nothing acknowledged is lost', async () => {
    await reaches(machine('red1'), '10.0.0.13')
    const [host1, host2] = [network.host('node1'), network.host('node2')]
    const acknowledged: string[] = []
    let refused = 0
    let ended = false
    const write = async (host: HostProcess) => {
      while (!ended) {
        const body = interfaceBody(++extra)
        const { status } = await host.request('POST', '/interfaces', body)
        if (status === 201 || status === 200) acknowledged.push(body.uuid)
        else {
          expect(status).toBe(503)
          refused++
        }
        await Bun.sleep(20)
      }
    }
    const { lost } = await lossDuring(machine('red1'), '10.0.0.13', async () => {
      const writers = [host1, host2].map(write)
      await eventually('some writes', () => acknowledged.length >= 10)
      await network.database.kill()
      const before = acknowledged.length
      await eventually('refusals', () => refused >= 4)
      expect((await host1.request('POST', '/interfaces?wait=applied', interfaceBody(++extra))).status).toBe(
        503,
      )
      // What was on its way may have been answered since; nothing is acknowledged without a database.
      expect(acknowledged.length - before).toBeLessThanOrEqual(2)
      const during = acknowledged.length
      await network.database.restart()
      await eventually('writes again', () => acknowledged.length >= during + 5, 30_000)
      ended = true
      await Promise.all(writers)
    })
    expect(lost).toBe(0)
    const { applied, mac } = await addExtra(host1)
    expect(applied).toMatchObject({ pending: [], disconnected: [] })
    expect(await knowing(mac)).toEqual(nodes)
    for (const host of network.hosts) {
      const all = await host.api<{ items?: { uuid: string }[] }>('GET', '/interfaces?limit=1000')
      const text = JSON.stringify(all)
      expect(acknowledged.filter((uuid) => !text.includes(`"${uuid}"`))).toEqual([])
    }
    await machine('red3').dhcp()
    await reaches(machine('red1'), '10.0.0.13')
  }, 120_000)

  test('a port that goes while the database is away is gone once it is back', async () => {
    const node2 = network.lab.hypervisor('node2')
    await reaches(machine('red1'), '10.0.0.12')
    await network.database.kill()
    await unplug(node2, machine('red2'))
    await eventually('its host to find the database away', async () => {
      const { status } = await network.host('node2').request('POST', '/interfaces', interfaceBody(++extra))
      return status === 503
    })
    await network.database.restart()
    await eventually('red2 to be gone', async () => !(await knowing(machine('red2').mac)).includes('node2'))
    expect(await isSilent(machine('red1'), '10.0.0.12')).toBe(true)
    await reaches(machine('red1'), '10.0.0.13')
    await plug(node2, machine('red2'))
    await reaches(machine('red1'), '10.0.0.12')
  }, 60_000)

  test('the database server hangs for a while: traffic goes on, and what was refused can be done afterwards', async () => {
    await reaches(machine('red1'), '10.0.0.13')
    const { lost } = await lossDuring(machine('red1'), '10.0.0.13', async () => {
      process.kill(network.database.pid, 'SIGSTOP')
      try {
        const body = interfaceBody(++extra)
        expect((await network.host('node1').request('POST', '/interfaces?wait=applied', body)).status).toBe(
          503,
        )
      } finally {
        process.kill(network.database.pid, 'SIGCONT')
      }
    })
    expect(lost).toBe(0)
    await eventually('writes again', async () => {
      const { status } = await network.host('node2').request('POST', '/interfaces', interfaceBody(++extra))
      return status < 300
    })
    const { applied, mac } = await addExtra(network.host('node2'))
    expect(applied).toMatchObject({ pending: [], disconnected: [] })
    expect(await knowing(mac)).toEqual(nodes)
  }, 60_000)
})
