/**
 * OVN beside ours, where it is installed: a central of its own and a controller for each Open vSwitch of a lab. What the
 * machine itself runs of OVN is not touched.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { runCommand } from '../../cli/lab/command.ts'
import { accepts, type Daemon, end } from '../../cli/lab/daemon.ts'
import { eventually, type OpenVswitch } from '../../tests/support/open-vswitch.ts'
import { ControlSocket } from './control-socket.ts'

const programs = ['ovn-northd', 'ovn-controller', 'ovn-nbctl']
const schemas = '/usr/share/ovn'
const commandTimeoutS = 120
const bridge = 'br-int'

/** Says how to install it where it is not there. */
export function hasOvn(): boolean {
  const missing = programs.filter((name) => Bun.which(name) === null)
  if (missing.length > 0)
    console.log(
      `OVN is not installed (${missing.join(', ')}), so these are our figures alone. Beside OVN, without its services:\n` +
        '  RUNLEVEL=1 apt-get install --no-install-recommends ovn-central ovn-host',
    )
  return missing.length === 0
}

/** `ovn-northd 23.03.1`. */
export const ovnVersion = async () => (await runCommand(['ovn-northd', '--version'])).split('\n')[0] ?? ''

/** A hypervisor: its Open vSwitch, and the address that tunnels to it go to. */
export interface Chassis {
  readonly name: string
  readonly openVswitch: OpenVswitch
  readonly address: string
}

export interface Ovn {
  /** Commands of ovn-nbctl, in one transaction; resolves when every switch has acknowledged its flows. */
  apply(commands: readonly (readonly string[])[]): Promise<void>
  /** Resolves when these logical ports are up: many at once are, only after the switch is said to have all its flows. */
  areUp(ports: readonly string[]): Promise<void>
  flows(openVswitch: OpenVswitch): Promise<number>
  /** Its daemons. */
  readonly pids: readonly number[]
  stop(): Promise<void>
}

const flowsOf = async (openVswitch: OpenVswitch) =>
  Number(/flow_count=(\d+)/.exec(await openVswitch.ofctl('dump-aggregate', bridge))?.[1])

type Start = (name: string, command: readonly string[], env?: Record<string, string>) => void

/** The databases, what makes logical flows of them, and what takes commands. */
async function startCentral(dir: string, database: string, start: Start): Promise<void> {
  const ready = (name: string) => eventually(`${name} to listen`, () => accepts(join(dir, name)))
  const control = (name: string) => `--unixctl=${join(dir, `${name}.ctl`)}`
  for (const half of ['nb', 'sb'])
    await runCommand(['ovsdb-tool', 'create', join(dir, `${half}.db`), `${schemas}/ovn-${half}.ovsschema`])
  const files = ['nb.db', 'sb.db'].map((name) => join(dir, name))
  start('ovsdb', ['ovsdb-server', ...files, `--remote=p${database}`, control('ovsdb')])
  await ready('db.sock')
  start('northd', ['ovn-northd', `--ovnnb-db=${database}`, `--ovnsb-db=${database}`, control('northd')])
  // It takes commands only in the background; the namespace of processes goes, and it, with who has started it.
  const inBackground = `ovn-nbctl --db=${database} --detach --unixctl=${join(dir, 'nbctl.ctl')}; exec sleep infinity`
  start('nbctl', ['unshare', '--pid', '--fork', '--kill-child', 'sh', '-c', inBackground])
  await ready('nbctl.ctl')
}

/** Needs root and OVN. Machines are in it whose ports are on `br-int`, with the name of their logical port as `iface-id`. */
export async function startOvn(hypervisors: readonly Chassis[]): Promise<Ovn> {
  const dir = mkdtempSync(`/tmp/ovt-${process.pid}-ovn-`)
  const database = `unix:${join(dir, 'db.sock')}`
  const daemons: Daemon[] = []
  const start: Start = (name, command, env = {}) => {
    const output = Bun.file(join(dir, `${name}.log`))
    const all = { OVN_RUNDIR: dir, OVN_LOGDIR: dir, OVS_LOGDIR: dir, OVS_RUNDIR: dir, ...env }
    const child = Bun.spawn(['setpriv', '--pdeathsig', 'KILL', ...command], {
      ...{ env: { ...process.env, ...all }, stdin: 'ignore', stdout: output, stderr: output, detached: true },
    })
    daemons.push(child)
  }
  let nbctl: ControlSocket | undefined
  const stop = async () => {
    nbctl?.close()
    for (const daemon of daemons.toReversed()) await end(daemon, 'SIGTERM')
    rmSync(dir, { recursive: true, force: true })
  }
  try {
    await startCentral(dir, database, start)
    nbctl = new ControlSocket(join(dir, 'nbctl.ctl'))
    const run = (...args: string[]) => nbctl!.call('run', ...args)
    await run('init')
    for (const { name, openVswitch, address } of hypervisors) {
      await openVswitch.vsctl(
        ...['set', 'open', '.', `external_ids:system-id=${name}`, `external_ids:ovn-remote=${database}`],
        ...['external_ids:ovn-encap-type=geneve', `external_ids:ovn-encap-ip=${address}`],
        // On a busy machine it would take a switch for lost that waits for its own thousands of flows, and begin again.
        'external_ids:ovn-openflow-probe-interval=0',
        ...['--', 'add-br', bridge, '--', 'set', 'bridge', bridge, 'datapath_type=netdev'],
        'fail_mode=secure',
      )
      const env = { OVS_RUNDIR: openVswitch.dir }
      start(`controller-${name}`, ['ovn-controller', `unix:${openVswitch.dbSocket}`], env)
    }
    for (const { name, openVswitch } of hypervisors)
      await eventually(`OVN on ${name}`, async () => (await flowsOf(openVswitch)) > 0)
  } catch (error) {
    await stop()
    throw error
  }
  return {
    stop,
    pids: daemons.map(({ pid }) => pid),
    async apply(commands) {
      const args = commands.flatMap((command) => ['--', ...command]).slice(1)
      await nbctl!.call('run', '--wait=hv', `--timeout=${commandTimeoutS}`, ...args)
    },
    async areUp(ports) {
      const waits = ports.flatMap((port) => ['--', 'wait-until', 'Logical_Switch_Port', port, 'up=true'])
      await nbctl!.call('run', `--timeout=${commandTimeoutS}`, ...waits.slice(1))
    },
    flows: flowsOf,
  }
}
