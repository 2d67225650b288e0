/** The commands of the README, run as they stand there. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { ipBatch } from '../cli/lab/namespaces.ts'
import { type HostProcess, startHostProcess } from '../tests/support/host-process.ts'
import { eventually, type OpenVswitch, runCommand, startOpenVswitch } from '../tests/support/open-vswitch.ts'

const project = resolve(import.meta.dir, '..')
const readme = readFileSync(join(project, 'README.md'), 'utf8')
/** The blocks of commands under a heading, each as its lines. */
const commandsUnder = (heading: string): string[] => {
  const section = readme.split(`## ${heading}\n`)[1]?.split('\n## ')[0] ?? ''
  return [...section.matchAll(/```sh\n([\s\S]*?)```/g)].flatMap(([, block]) => block!.trim().split('\n'))
}

let openVswitch: OpenVswitch
let host: HostProcess
const machines: string[] = []

beforeAll(async () => {
  openVswitch = await startOpenVswitch({ name: 'readme' })
  for (const name of ['vm1', 'vm2', 'eth0']) {
    const netns = `${openVswitch.netns}-${name}`
    machines.push(netns)
    await runCommand(['ip', 'netns', 'add', netns])
    await ipBatch(openVswitch.netns, [
      `link add ${name} type veth peer name eth0 netns ${netns}`,
      `link set ${name} up`,
    ])
  }
})
afterAll(async () => {
  await host?.remove()
  await openVswitch?.stop()
  await Promise.all(machines.map((netns) => runCommand(['ip', 'netns', 'del', netns])))
})

const run = async (command: string) => {
  const [program, ...words] = command.split(/\s+/)
  if (program === 'ovs-vsctl') return openVswitch.vsctl(...words)
  expect(program).toBe('bin/vnctl')
  return runCommand([join(project, program!), '--api', host.apiUrl, ...words])
}

test('a first network: two machines reach each other', async () => {
  const commands = commandsUnder('A first network')
  const at = commands.indexOf('bin/vnet host')
  expect(at).toBe(2)
  for (const command of commands.slice(0, at)) {
    const bridge = command.includes('add-br') ? ['--', 'set', 'bridge', 'br0', 'datapath_type=netdev'] : []
    await run([command, ...bridge].join(' '))
  }
  host = await startHostProcess({ ovsdb: [`unix:${openVswitch.dbSocket}`] })
  for (const command of commands.slice(at + 1)) await run(command)

  for (const [i, netns] of machines.slice(0, 2).entries())
    await ipBatch(netns, [
      `link set eth0 address 52:54:00:00:00:0${i + 1} up`,
      `address add 10.0.0.1${i + 1}/24 dev eth0`,
    ])
  const ping = () =>
    runCommand(['ip', 'netns', 'exec', machines[0]!, 'ping', '-c', '1', '-W', '1', '10.0.0.12'])
  await eventually('an answer', () => ping().catch(() => false))
  const dhcp = await host.api<{ mode: string }>('GET', '/network_services/ns-dhcp')
  expect(dhcp.mode).toBe('dhcp')
}, 60_000)

test('on hypervisors: the commands are accepted, and the physical port is taken', async () => {
  await openVswitch.vsctl('add-port', 'br0', 'eth0')
  for (const command of commandsUnder('On hypervisors').filter((line) => line.startsWith('bin/vnctl')))
    await run(command)
  await eventually('the uplink to be recorded', async () =>
    (await openVswitch.vsctl('get', 'bridge', 'br0', 'external_ids')).includes('eth0'),
  )
  expect(await host.differences()).toEqual([])
}, 60_000)
