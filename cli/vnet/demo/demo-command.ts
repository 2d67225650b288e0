/** `vnet demo`: a host, a lab and two tenants on this machine; shows who reaches whom and stays up until Ctrl-C. */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { type Host, startHost } from '../../../runtime/host/host.ts'
import { describe } from '../../../runtime/problem.ts'
import { type Lab, startLab } from '../../lab/lab.ts'
import type { Machine } from '../../lab/machine.ts'
import { demoPlan } from '../../lab/plan.ts'
import { untilSignal } from '../host-command.ts'
import { hostConfigOf } from '../host-config.ts'
import { readSettings, settingsHelp } from '../settings.ts'
import { formatMatrix, isAsWanted, measureMatrix } from './matrix.ts'
import { demoRequests } from './network.ts'

const help = `vnet demo: a lab of three hypervisors and two tenants on this machine (needs root)

  --once                 show who reaches whom, then end; the exit code says whether it was as it should be
${settingsHelp()}`

const interrupted_exit_code = 130
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

The API is at ${host.apiUrl}/api/1.0, its description at ${host.apiUrl}/api/1.0/openapi.json. Ctrl-C ends it all.`

async function demonstrate(argv: string[], once: boolean): Promise<number> {
  // From the very start: whenever it is interrupted, nothing stays behind.
  const interrupted = untilSignal()
  const settings = readSettings(argv, process.env, process.cwd())
  if (!settings.ok) throw new Error(describe(settings.problem))
  say('Starting three hypervisors with an Open vSwitch each, and six machines …')
  const lab = await startLab(demoPlan)
  let host: Host | undefined
  try {
    const ovsdb = lab.hypervisors.map(({ openVswitch }) => `unix:${openVswitch.dbSocket}`)
    const config = hostConfigOf({ log: 'warn', ...settings.value, ovsdb }, { folder: 'demo' })
    if (!config.ok) throw new Error(describe(config.problem))
    rmSync(config.value.stateFolder, { recursive: true, force: true })
    const started = await startHost(config.value)
    if (!started.ok) throw new Error(describe(started.problem))
    host = started.value
    const good = await Promise.race([show(lab, host), interrupted.then(() => null)])
    if (good === null) return interrupted_exit_code
    if (!good) say('This is not as it should be: each machine is to reach its own tenant and nobody else.')
    if (!once) {
      say(lookAround(host, lab))
      await interrupted
    }
    return good ? 0 : 1
  } finally {
    await host?.stop()
    await lab.stop()
  }
}

export async function run(argv: string[]): Promise<number> {
  if (argv.includes('--help')) {
    say(help)
    return 0
  }
  if (process.getuid?.() !== 0) {
    console.error('vnet demo: needs root, for network namespaces and Open vSwitch: run it with sudo')
    return 1
  }
  try {
    return await demonstrate(
      argv.filter((argument) => argument !== '--once'),
      argv.includes('--once'),
    )
  } catch (error) {
    console.error(`vnet demo: ${(error as Error).message}`)
    return 1
  }
}
