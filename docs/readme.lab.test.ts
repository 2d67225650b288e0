/** The commands of the README, run as they stand there. */
import { afterAll, expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { ipBatch } from '../cli/lab/namespaces.ts'
import { type HostProcess, startHostProcess } from '../tests/support/host-process.ts'
import { eventually, type OpenVswitch, runCommand, startOpenVswitch } from '../tests/support/open-vswitch.ts'

const project = resolve(import.meta.dir, '..')
const readme = readFileSync(join(project, 'README.md'), 'utf8')
/** The lines of the blocks of commands under a heading. */
const linesUnder = (heading: string): string[] => {
  const section = readme.split(`## ${heading}\n`)[1]?.split('\n## ')[0] ?? ''
  return [...section.matchAll(/```sh\n([\s\S]*?)```/g)].flatMap(([, block]) => block!.trim().split('\n'))
}

/** The machine of the reader: an Open vSwitch, its ports, and a host. */
interface Place {
  readonly openVswitch: OpenVswitch
  readonly machines: readonly string[]
  host?: HostProcess
}
const places: Place[] = []

async function placeWith(ports: readonly string[]): Promise<Place> {
  const openVswitch = await startOpenVswitch({ name: 'readme' })
  const machines = ports.map((port) => `${openVswitch.netns}-${port}`)
  const place = { openVswitch, machines }
  places.push(place)
  for (const [i, port] of ports.entries()) {
    await runCommand(['ip', 'netns', 'add', machines[i]!])
    const link = `link add ${port} type veth peer name eth0 netns ${machines[i]}`
    await ipBatch(openVswitch.netns, [link, `link set ${port} up`])
    await ipBatch(machines[i]!, ['link set eth0 up'])
  }
  return place
}

afterAll(async () => {
  for (const { host, openVswitch, machines } of places) {
    await host?.remove()
    await openVswitch.stop()
    await Promise.all(machines.map((netns) => runCommand(['ip', 'netns', 'del', netns])))
  }
})

/** Runs a line of the README where its reader would; bridges are in user space, as everywhere in tests. */
async function run(line: string, { openVswitch, host }: Place): Promise<string> {
  const userSpace = line.includes(' add-br ') ? ' -- set bridge br0 datapath_type=netdev' : ''
  const [program, ...words] = `${line}${userSpace}`.split(/\s+/)
  switch (program) {
    case 'ovs-vsctl':
      return openVswitch.vsctl(...words)
    case 'ip':
      return openVswitch.exec('ip', ...words)
    case 'bin/vnet':
      return runCommand([
        join(project, program),
        ...words,
        '--ovsdb',
        `unix:${openVswitch.dbSocket}`,
        '--user-space',
      ])
    case 'bin/vnctl':
      return runCommand([join(project, program), '--api', host!.apiUrl, ...words])
    default:
      throw new Error(`the test does not know how to run ${line}`)
  }
}

const pingFrom = (netns: string, address: string) =>
  runCommand(['ip', 'netns', 'exec', netns, 'ping', '-n', '-c', '1', '-W', '1', address]).catch(() => false)

test('a first network: two machines reach each other', async () => {
  const place = await placeWith(['vm1', 'vm2'])
  const lines = linesUnder('A first network')
  const at = lines.indexOf('bin/vnet host')
  for (const line of lines.slice(0, at)) await run(line, place)
  place.host = await startHostProcess({ ovsdb: [`unix:${place.openVswitch.dbSocket}`] })
  for (const line of lines.slice(at + 1)) await run(line, place)

  for (const [i, netns] of place.machines.entries())
    await ipBatch(netns, [
      `link set eth0 address 52:54:00:00:00:0${i + 1}`,
      `address add 10.0.0.1${i + 1}/24 dev eth0`,
    ])
  await eventually('an answer', () => pingFrom(place.machines[0]!, '10.0.0.12'))
  const service = await place.host.api<{ mode: string }>('GET', '/network_services/ns-dhcp')
  expect(service.mode).toBe('dhcp')
  await ipBatch(place.machines[0]!, ['route add default via 10.0.0.1'])
  await eventually('the router to answer from the other network', () =>
    pingFrom(place.machines[0]!, '10.0.1.1'),
  )
  expect(await place.host.differences()).toEqual([])
}, 60_000)

test('on hypervisors: the hypervisor reaches its physical network before the state knows it, and after', async () => {
  const place = await placeWith(['eth0'])
  const { openVswitch, machines } = place
  await ipBatch(machines[0]!, ['address add 192.168.10.1/24 dev eth0'])
  const lines = linesUnder('On hypervisors')
  const at = lines.findIndex((line) => line.startsWith('bin/vnet host'))
  for (const line of lines.slice(2, at)) await run(line, place)
  const gateway = () =>
    openVswitch.exec('ping', '-n', '-c', '1', '-W', '1', '192.168.10.1').catch(() => false)
  expect(await gateway()).toBe(false)

  place.host = await startHostProcess({
    ovsdb: [`unix:${openVswitch.dbSocket}`],
    arguments: ['--node-id', 'node1'],
  })
  const [first, ...others] = lines.slice(at + 1)
  await run(first!, place)
  await eventually('the gateway to be reached', gateway)
  for (const line of others) await run(line, place)
  await eventually('the gateway to be reached still', gateway)
  expect(await place.host.differences()).toEqual([])
}, 60_000)
