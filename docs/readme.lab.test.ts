/** The commands of the README, run as they stand there. */
import { afterAll, expect, test } from 'bun:test'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { ipBatch } from '../cli/lab/namespaces.ts'
import { type HostProcess, startHostProcess } from '../tests/support/host-process.ts'
import { eventually, type OpenVswitch, runCommand, startOpenVswitch } from '../tests/support/open-vswitch.ts'

const project = resolve(import.meta.dir, '..')
const readme = readFileSync(join(project, 'README.md'), 'utf8')
/** The lines of the blocks of commands under a heading. */
const linesUnder = (heading: string): string[] => {
  const section = readme.split(`## ${heading}\n`)[1]?.split('\n## ')[0] ?? ''
  const blocks = [...section.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, block]) => block!.trim())
  return blocks.flatMap((block) => unrolled(block).split('\n'))
}
/** The file that the README describes a network in, under its name. */
const folder = mkdtempSync(join(tmpdir(), 'readme-'))
const networkFile = join(folder, 'network.yml')
writeFileSync(networkFile, /```yaml\n([\s\S]*?)```/.exec(readme)![1]!)

/** What follows the first network goes on with it. */
const firstNetwork = () =>
  [
    'A first network',
    'Segments and legacy switches',
    'Routers',
    'IPv6',
    'Security groups',
    'Load balancers',
    'Looking, and describing',
  ].flatMap(linesUnder)

/** `for n in 1 2; do … done` as the lines that it stands for. */
const unrolled = (block: string) =>
  block.replace(/^for n in (.*); do\n([\s\S]*?)\ndone$/gm, (_, values: string, body: string) =>
    values
      .split(' ')
      .map((value) => body.replace(/^ +/gm, '').replaceAll('$n', value))
      .join('\n'),
  )

/** The machine of the reader: an Open vSwitch, its ports, and a host. */
interface Place {
  readonly openVswitch: OpenVswitch
  /** Namespaces: others on this machine may run the same lines now. */
  readonly machines: string[]
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
  rmSync(folder, { recursive: true, force: true })
  for (const { host, openVswitch, machines } of places) {
    await host?.remove()
    await openVswitch.stop()
    await Promise.all(machines.map((netns) => runCommand(['ip', 'netns', 'del', netns])))
  }
})

/** Namespaces under names of their own. Lines that make or enter them are not of that in which Open vSwitch is. */
function runIp(line: string, { openVswitch, machines }: Place): Promise<string> {
  const words = line.replace(/(netns (?:add |exec )?|-n )(vm\d)/, (_, before: string, name: string) => {
    const own = `${openVswitch.netns}-${name}`
    if (!machines.includes(own)) machines.push(own)
    return before + own
  })
  const apart = /^ip (netns|-n) /.test(words)
  return apart ? runCommand(words.split(/\s+/)) : openVswitch.exec(...words.split(/\s+/))
}

/** Runs a line of the README where its reader would; bridges are in user space, as everywhere in tests. */
async function run(line: string, place: Place): Promise<string> {
  const { openVswitch, host } = place
  const userSpace = line.includes(' add-br ') ? ' -- set bridge br0 datapath_type=netdev' : ''
  const [program, ...words] = `${line}${userSpace}`.replace('network.yml', networkFile).split(/\s+/)
  switch (program) {
    case 'ovs-vsctl':
      return openVswitch.vsctl(...words)
    case 'ip':
      return runIp(line, place)
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

/** Whether the second machine answers the first over TCP, which bad checksums would hinder. */
async function speaks([one, other]: readonly string[]): Promise<boolean> {
  const inside = (netns: string | undefined, program: string) =>
    Bun.spawn(['ip', 'netns', 'exec', netns!, process.execPath, '-e', program], { stdout: 'pipe' })
  const server = inside(
    other,
    `Bun.serve({ port: 80, fetch: () => new Response('here') }); console.log('up')`,
  )
  try {
    await server.stdout.getReader().read()
    const asked = `console.log(await fetch('http://10.0.0.12/', { signal: AbortSignal.timeout(2_000) }).then((a) => a.text()))`
    const client = inside(one, asked)
    return (await new Response(client.stdout).text()).includes('here')
  } finally {
    server.kill()
    await server.exited
  }
}

test('a first network: two machines reach each other', async () => {
  const place = await placeWith([])
  const lines = firstNetwork()
  const at = lines.indexOf('bin/vnet host')
  for (const line of lines.slice(0, at)) await run(line, place)
  place.host = await startHostProcess({ ovsdb: [`unix:${place.openVswitch.dbSocket}`] })
  for (const line of lines.slice(at + 1))
    if (line.includes(' ping ')) await eventually('an answer', () => run(line, place).catch(() => false))
    else await run(line, place)
  await eventually('an answer to TCP', () => speaks(place.machines))
  const service = await place.host.api<{ mode: string }>('GET', '/network_services/ns-dhcp')
  expect(service.mode).toBe('dhcp')
  expect((await place.host.api<{ mode: string }>('GET', '/interfaces/if-vm3')).mode).toBe('vif')
  expect(await place.host.differences()).toEqual([])
}, 60_000)

test('on hypervisors: the hypervisor reaches its physical network before the state knows it, and after', async () => {
  const place = await placeWith(['eth0', 'vm1'])
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
  expect(await openVswitch.exec('ip', 'route', 'get', '203.0.113.1')).toContain('via 192.168.10.254 dev br0')

  for (const line of linesUnder('Out to the internet')) await run(line, place)
  await openVswitch.vsctl('add-port', 'br0', 'vm1')
  await ipBatch(machines[1]!, [
    'link set eth0 address 52:54:00:00:00:01',
    'address add 10.0.0.11/24 dev eth0',
    'route add default via 10.0.0.1',
  ])
  await place.host.api('POST', '/interfaces', {
    ...{ uuid: 'if-vm1', mode: 'vif', port_name: 'vm1', network_uuid: 'nw-a' },
    ...{ mac_address: '52:54:00:00:00:01', ipv4_address: '10.0.0.11' },
  })
  // Which knows no way to 10.0.0.0/24: it answers the shared address.
  const out = ['netns', 'exec', machines[1]!, 'ping', '-n', '-c', '1', '-W', '1', '192.168.10.1']
  await eventually('an answer from outside', () => runCommand(['ip', ...out]).catch(() => false))
  expect(await place.host.differences()).toEqual([])
}, 60_000)
