/**
 * An Open vSwitch of its own for a lab or a test: own network namespace, own folder, own daemons, user-space datapath.
 * Nothing here touches the system's Open vSwitch.
 *
 *   const ovs = await startOpenVswitch()
 *   await ovs.vsctl('add-br', 'br0', '--', 'set', 'bridge', 'br0', 'datapath_type=netdev')
 *   …
 *   await ovs.stop()
 *
 * What a failed or killed run leaves behind goes too: daemons die with their parent, the rest is removed when the
 * process ends or, at the latest, by the next run that starts one.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runCommand } from './command.ts'
import { accepts, type Daemon, end } from './daemon.ts'
import { eventually } from './eventually.ts'
import { removeLeftBehind } from './left-behind.ts'
import { removeNamespaces } from './namespaces.ts'

const commandTimeoutS = 20
/** A unix socket's path has at most 107 bytes; what we add to the temporary folder needs about 50 of them. */
const temporaryFolderLengthMax = 50
const schema = '/usr/share/openvswitch/vswitch.ovsschema'
const prefix = 'ovt-'

export interface OpenVswitchOptions {
  /** Becomes part of the names of the namespace and the folder. */
  readonly name?: string
  /** More arguments for ovsdb-server, such as `--remote=ptcp:6640:127.0.0.1` (it runs outside the namespace). */
  readonly ovsdbArguments?: readonly string[]
  /** An existing namespace to use; it is left alone by `stop`. */
  readonly netns?: string
}

export interface OpenVswitch {
  readonly netns: string
  readonly dir: string
  /** The path of the OVSDB's unix socket; OpenFlow is at `<dir>/<bridge>.mgmt`. */
  readonly dbSocket: string
  /** Runs ovs-vsctl, waiting for ovs-vswitchd unless told `--no-wait`. Resolves to its trimmed output; throws with its error text. */
  vsctl(...args: string[]): Promise<string>
  /** Runs ovs-ofctl with OpenFlow 1.3; a bridge is named by its name. */
  ofctl(...args: string[]): Promise<string>
  /** Runs ovs-appctl against ovs-vswitchd. */
  appctl(...args: string[]): Promise<string>
  /** Runs a command inside the namespace. */
  exec(...command: string[]): Promise<string>
  /** Waits until the bridge's OpenFlow socket accepts, and returns its path. */
  mgmt(bridge: string): Promise<string>
  /** SIGKILL. */
  killVswitchd(): Promise<void>
  startVswitchd(): Promise<void>
  /** Stops ovs-vswitchd where it is: connections stay, nothing is answered. */
  pauseVswitchd(): void
  resumeVswitchd(): void
  /** SIGKILL. */
  killOvsdb(): Promise<void>
  startOvsdb(): Promise<void>
  /** Ends the daemons and removes namespace and folder. May be called twice. */
  stop(): Promise<void>
}

const running = new Set<OpenVswitchInstance>()
let started = 0
let prepared = false

/** Starts an isolated Open vSwitch. Needs root, Open vSwitch and iproute2. Throws with the end of the log when it does not come up. */
export async function startOpenVswitch(options: OpenVswitchOptions = {}): Promise<OpenVswitch> {
  prepare()
  const instance = new OpenVswitchInstance(options)
  running.add(instance)
  try {
    await instance.start()
    return instance
  } catch (error) {
    await instance.stop()
    throw error
  }
}

class OpenVswitchInstance implements OpenVswitch {
  readonly netns: string
  readonly dir: string
  readonly dbSocket: string
  readonly #environment: Record<string, string>
  readonly #ovsdbArguments: readonly string[]
  readonly #ownsNamespace: boolean
  #ovsdb: Daemon | null = null
  #vswitchd: Daemon | null = null
  #stopped: Promise<void> | null = null

  constructor(options: OpenVswitchOptions) {
    const name = `${prefix}${process.pid}-${++started}${options.name === undefined ? '' : `-${options.name}`}`
    this.#ownsNamespace = options.netns === undefined
    this.netns = options.netns ?? name
    this.dir = mkdtempSync(join(temporaryFolder(), `${name}-`))
    this.dbSocket = join(this.dir, 'db.sock')
    this.#environment = {
      OVS_RUNDIR: this.dir,
      OVS_DBDIR: this.dir,
      OVS_LOGDIR: this.dir,
      OVS_SYSCONFDIR: this.dir,
    }
    this.#ovsdbArguments = options.ovsdbArguments ?? []
  }

  async start(): Promise<void> {
    const namespace = this.#ownsNamespace ? this.#createNamespace() : Promise.resolve()
    await this.#run('ovsdb-tool', 'create', join(this.dir, 'conf.db'), schema)
    await Promise.all([namespace, this.startOvsdb()])
    await this.vsctl('--no-wait', 'init')
    await this.startVswitchd()
  }

  vsctl(...args: string[]) {
    return this.#run('ovs-vsctl', `--db=unix:${this.dbSocket}`, `--timeout=${commandTimeoutS}`, ...args)
  }

  ofctl(...args: string[]) {
    return this.#run('ovs-ofctl', `--timeout=${commandTimeoutS}`, '-O', 'OpenFlow13', ...args)
  }

  appctl(...args: string[]) {
    return this.#run(
      'ovs-appctl',
      `--timeout=${commandTimeoutS}`,
      '-t',
      join(this.dir, 'vswitchd.ctl'),
      ...args,
    )
  }

  exec(...command: string[]) {
    return this.#run('ip', 'netns', 'exec', this.netns, ...command)
  }

  async mgmt(bridge: string) {
    const path = join(this.dir, `${bridge}.mgmt`)
    await eventually(`the OpenFlow socket of ${bridge}`, () => accepts(path))
    return path
  }

  async startOvsdb() {
    const control = join(this.dir, 'ovsdb.ctl')
    for (const stale of [this.dbSocket, control]) rmSync(stale, { force: true })
    const remotes = [
      `--remote=punix:${this.dbSocket}`,
      '--remote=db:Open_vSwitch,Open_vSwitch,manager_options',
    ]
    this.#ovsdb = this.#spawn('ovsdb', [
      'ovsdb-server',
      join(this.dir, 'conf.db'),
      ...remotes,
      `--unixctl=${control}`,
      ...this.#ovsdbArguments,
    ])
    await this.#ready('ovsdb', this.#ovsdb, this.dbSocket)
  }

  async startVswitchd() {
    const control = join(this.dir, 'vswitchd.ctl')
    rmSync(control, { force: true })
    this.#vswitchd = this.#spawn('vswitchd', [
      ...['ip', 'netns', 'exec', this.netns],
      ...['ovs-vswitchd', `unix:${this.dbSocket}`, `--unixctl=${control}`],
    ])
    await this.#ready('vswitchd', this.#vswitchd, control)
    await this.appctl('version')
  }

  async killOvsdb() {
    await end(this.#ovsdb, 'SIGKILL')
  }

  async killVswitchd() {
    await end(this.#vswitchd, 'SIGKILL')
  }

  pauseVswitchd() {
    this.#vswitchd?.kill('SIGSTOP')
  }

  resumeVswitchd() {
    this.#vswitchd?.kill('SIGCONT')
  }

  stop() {
    this.#stopped ??= this.#stop()
    return this.#stopped
  }

  /** What can be done without waiting, when the process ends. */
  abandon() {
    this.#vswitchd?.kill('SIGKILL')
    this.#ovsdb?.kill('SIGKILL')
    rmSync(this.dir, { recursive: true, force: true })
  }

  get ownNamespaces(): readonly string[] {
    return this.#ownsNamespace ? [this.netns] : []
  }

  async #stop() {
    await end(this.#vswitchd, 'SIGTERM')
    await end(this.#ovsdb, 'SIGTERM')
    if (this.#ownsNamespace) await this.#run('ip', 'netns', 'del', this.netns).catch(() => {})
    rmSync(this.dir, { recursive: true, force: true })
    running.delete(this)
  }

  async #createNamespace() {
    await this.#run('ip', 'netns', 'add', this.netns)
    await this.exec('ip', 'link', 'set', 'lo', 'up')
  }

  #run(...command: string[]) {
    return runCommand(command, this.#environment)
  }

  #spawn(name: string, command: readonly string[]): Daemon {
    // The kernel ends the daemons when this process dies, however it dies. Their session is their own: Ctrl-C on the
    // terminal is not for them.
    const output = Bun.file(join(this.dir, `${name}.log`))
    return Bun.spawn(['setpriv', '--pdeathsig', 'KILL', ...command, '-vconsole:info'], {
      env: { ...process.env, ...this.#environment },
      stdin: 'ignore',
      stdout: output,
      stderr: output,
      detached: true,
    })
  }

  async #ready(name: string, daemon: Daemon, socket: string) {
    await eventually(`${name} to start`, () => {
      if (daemon.exitCode !== null) throw new Error(`${name} ended: ${this.#logEnd(name)}`)
      return accepts(socket)
    })
  }

  #logEnd(name: string) {
    return readFileSync(join(this.dir, `${name}.log`), 'utf8').slice(-2_000)
  }
}

const temporaryFolder = () => (tmpdir().length <= temporaryFolderLengthMax ? tmpdir() : '/tmp')

/** Once per process: removes what runs that were killed left behind, and sees to it that this one leaves nothing. */
function prepare() {
  if (prepared) return
  prepared = true
  process.on('exit', () => {
    for (const instance of running) instance.abandon()
    removeNamespaces([...running].flatMap((instance) => instance.ownNamespaces))
  })
  removeLeftBehind(prefix, temporaryFolder())
}
