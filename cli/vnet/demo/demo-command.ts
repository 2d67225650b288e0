/** `vnet demo`: a host, a lab and two tenants on this machine; shows who reaches whom and stays up until Ctrl-C. */
import { join } from 'node:path'
import type { HostConfig } from '../../../runtime/host/config.ts'
import { type Host, startHost } from '../../../runtime/host/host.ts'
import { describe, type Problem } from '../../../runtime/problem.ts'
import { type Lab, startLab } from '../../lab/lab.ts'
import type { Machine } from '../../lab/machine.ts'
import { demoPlan } from '../../lab/plan.ts'
import { hostConfigOf } from '../host-config.ts'
import { asksForHelp, demoNames, readSettings, settingsHelp } from '../settings.ts'
import { exitCodeOf, untilSignal } from '../signals.ts'
import { formatMatrix, isAsWanted, measureMatrix } from './matrix.ts'
import { demoRequests } from './network.ts'
import { checkTools, prepareFolder } from './prepare.ts'

const help = `vnet demo: a lab of three hypervisors and two tenants on this machine (needs root)

  --once                 show who reaches whom, then end; the exit code says whether it was as it should be
${settingsHelp(demoNames)}

The demo keeps its files in the folder demo of the state folder, and begins anew each time. Without --http it takes any
free port where 9090 is in use. Ctrl-C ends it, and everything that it made.`

const say = (text: string) => console.log(text)
const tenantOf = (machine: Machine) => machine.name.replace(/\d+$/, '')

/** Sends the whole network as one batch: one transaction, and done when every switch has its flows. */
async function createNetwork(host: Host): Promise<number> {
  const requests = demoRequests(demoPlan)
  const response = await fetch(`${host.apiUrl}/api/1.0/batch?wait=applied`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(requests),
  })
  if (!response.ok)
    throw new Error(`the API refused the network: ${response.status} ${await response.text()}`)
  return requests.length
}

/** Everything from DHCP to the matrix. Resolves to whether each machine reaches its own tenant and nobody else. */
async function show(lab: Lab, host: Host): Promise<boolean> {
  say(`One batch of ${await createNetwork(host)} requests made two virtual networks, both 10.0.0.0/24.`)
  const addressed = await Promise.all(
    lab.machines.map(async (machine) => ({ machine, address: (await machine.dhcp()).address })),
  )
  say('Every machine has its address by DHCP:')
  for (const { machine, address } of addressed)
    say(`  ${machine.name.padEnd(8)} ${address.padEnd(12)} on ${machine.hypervisor}`)
  const matrix = await measureMatrix(addressed)
  say(
    `\nWho reaches whom (a ping is counted where it arrives: both tenants have the same addresses):\n\n${formatMatrix(matrix)}\n`,
  )
  return isAsWanted(matrix, tenantOf)
}

const lookAround = (host: Host, lab: Lab) => `The lab is up. In another terminal:

  bin/vnctl --api ${host.apiUrl} networks show
  bin/vnctl --api ${host.apiUrl} interfaces show if-red1
  ip netns exec ${lab.machine('red1').netns} ping 10.0.0.13
  ovs-ofctl -O OpenFlow13 dump-flows unix:${join(lab.hypervisor('node1').openVswitch.dir, 'br0.mgmt')}

The API is at ${host.apiUrl}/api/1.0 (what it can: ${host.apiUrl}/api/1.0/openapi.json). Ctrl-C ends it all.`

async function runLab(config: HostConfig, once: boolean): Promise<number> {
  say('Starting three hypervisors with an Open vSwitch each, and six machines …')
  const lab = await startLab(demoPlan)
  let host: Host | undefined
  try {
    const ovsdb = lab.hypervisors.map(({ openVswitch }) => `unix:${openVswitch.dbSocket}`)
    const started = await startHost({ ...config, ovsdb })
    if (!started.ok) throw new Error(describe(started.problem))
    host = started.value
    const good = await show(lab, host)
    if (!good) say('This is not as it should be: each machine is to reach its own tenant and nobody else.')
    if (!once) {
      say(lookAround(host, lab))
      throw new Error(describe(await host.failed))
    }
    return good ? 0 : 1
  } finally {
    await host?.stop()
    await lab.stop()
  }
}

/** Until Ctrl-C, or with `once` until it was shown. Resolves to the exit code. */
async function demonstrate(config: HostConfig, once: boolean): Promise<number> {
  // Whenever it is interrupted: the lab is not taken down step by step. What it consists of goes with this process, at once.
  const interrupted = untilSignal().then((signal) => {
    say('stopping …')
    return exitCodeOf(signal)
  })
  return Promise.race([runLab(config, once), interrupted])
}

function complain(problem: Problem, exitCode: number): number {
  console.error(`vnet demo: ${describe(problem)}`)
  return exitCode
}

export async function run(argv: string[]): Promise<number> {
  if (asksForHelp(argv)) {
    say(help)
    return 0
  }
  const flags = argv.filter((argument) => argument !== '--once')
  const settings = readSettings(flags, process.env, process.cwd(), demoNames, 'vnet demo')
  if (!settings.ok) return complain(settings.problem, 2)
  // The host dials the lab's bridges: nobody dials in.
  const given = { log: 'warn', openflow: [], ...settings.value }
  const config = hostConfigOf(given, { folder: 'demo', anyPort: given.http === undefined })
  if (!config.ok) return complain(config.problem, 2)
  if (process.getuid?.() !== 0) {
    console.error('vnet demo: needs root, for network namespaces and Open vSwitch: run it with sudo')
    return 1
  }
  const tools = checkTools()
  if (!tools.ok) return complain(tools.problem, 1)
  const folder = prepareFolder(config.value.stateFolder)
  if (!folder.ok) return complain(folder.problem, 1)
  process.on('exit', folder.value)
  try {
    return await demonstrate(config.value, argv.includes('--once'))
  } catch (error) {
    console.error(`vnet demo: ${(error as Error).message}`)
    return 1
  }
}
