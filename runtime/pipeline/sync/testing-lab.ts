/** A real Open vSwitch with one bridge, dialled by the channel and kept by the engine and the synchroniser: for lab tests. */
import { eventually, type OpenVswitch, startOpenVswitch } from '../../../tests/support/open-vswitch.ts'
import { type Logger, silent } from '../../log.ts'
import { type Channel, createChannel } from '../../openflow/channel/channel.ts'
import type { DatapathSession } from '../../openflow/channel/datapath-session.ts'
import { describe, type Problem } from '../../problem.ts'
import { createEngine, type Engine } from '../engine/engine.ts'
import type { FlowFunctions } from '../engine/evaluate.ts'
import { TestState } from '../engine/testing.ts'
import type { SyncLimits } from './limits.ts'
import { sessionPort } from './session-port.ts'
import type { SwitchPort } from './switch-port.ts'
import { SyncHub } from './sync-hub.ts'
import { verifyDatapath } from './verify.ts'

/** The one datapath's id in the state. */
const labDatapath = 1

/** Counts what is sent. */
export interface Sent {
  bundles: number
  messages: number
}

export class FlowLab {
  readonly state = new TestState()
  readonly problems: string[] = []
  readonly sent: Sent = { bundles: 0, messages: 0 }
  readonly engine: Engine
  readonly hub: SyncHub
  readonly ovs: OpenVswitch
  /** Stands between the synchroniser and the switch; a test may replace it. */
  wrap: (port: SwitchPort) => SwitchPort = (port) => port
  session: DatapathSession | undefined
  #channel: Channel | undefined
  readonly #log: Logger

  constructor(ovs: OpenVswitch, functions: FlowFunctions, limits: Partial<SyncLimits>, log: Logger) {
    this.ovs = ovs
    this.#log = log
    const onProblem = (problem: Problem) => void this.problems.push(describe(problem))
    this.engine = createEngine({ functions, state: this.state.view, onProblem })
    this.hub = new SyncHub({ engine: this.engine, ownTables: new Set([200]), log, onProblem, limits })
  }

  /** Connects, and waits until the switch is in step. */
  async connect(): Promise<void> {
    this.engine.attach(labDatapath)
    const path = await this.ovs.mgmt('br0')
    this.#channel = createChannel({
      dial: [`unix:${path}`],
      admit: () => ({ serve: true }),
      onJoined: (session) => {
        this.session = session
        this.rejoin()
      },
      onLeft: () => {
        this.session = undefined
        this.hub.leave(labDatapath)
      },
      log: this.#log,
    })
    const started = await this.#channel.start()
    if (!started.ok) throw new Error(describe(started.problem))
    await this.joined()
  }

  /** A new synchroniser over the session that there is. */
  rejoin(): void {
    this.hub.join(labDatapath, this.#counted(sessionPort(this.session!)), this.state.view.revision)
  }

  /** Waits for a session that is in step. */
  async joined(): Promise<void> {
    await eventually('the switch to join', () => this.hub.get(labDatapath) !== undefined)
    await this.settled()
  }

  /** After rows of the state changed. */
  push(affected: readonly string[]): void {
    this.hub.push(this.engine.change(affected), this.state.view.revision)
  }

  async settled(): Promise<void> {
    const { pending } = await this.hub.whenApplied(this.state.view.revision, 20_000)
    if (pending.length > 0) throw new Error(`not applied: ${this.problems.join('; ')}`)
  }

  /** Lines that say what differs between engine, recomputation and switch. */
  differences(): Promise<readonly string[]> {
    return verifyDatapath(this.engine, labDatapath, this.hub.get(labDatapath))
  }

  async flowCount(): Promise<number> {
    const text = await this.ovs.ofctl('dump-aggregate', 'br0')
    return Number(/flow_count=(\d+)/.exec(text)?.[1])
  }

  disconnect(): void {
    this.#channel?.close()
    this.hub.leave(labDatapath)
  }

  async stop(): Promise<void> {
    this.#channel?.close()
    this.hub.close()
    await this.ovs.stop()
  }

  #counted(port: SwitchPort): SwitchPort {
    const inner = this.wrap(port)
    const count = (messages: readonly Uint8Array[]) => {
      this.sent.bundles++
      this.sent.messages += messages.length
    }
    return {
      hasBundles: inner.hasBundles,
      read: (timeoutMs) => inner.read(timeoutMs),
      bundle: (messages, timeoutMs) => {
        count(messages)
        return inner.bundle(messages, timeoutMs)
      },
      each: (messages, timeoutMs) => {
        count(messages)
        return inner.each(messages, timeoutMs)
      },
    }
  }
}

/** Starts an Open vSwitch with a bridge br0 in secure mode; `connect` it when the state is as the test wants it. */
export async function startFlowLab(
  functions: FlowFunctions,
  { limits = {}, log = silent }: { limits?: Partial<SyncLimits>; log?: Logger } = {},
): Promise<FlowLab> {
  const ovs = await startOpenVswitch({ name: 'flows' })
  const bridge = ['datapath_type=netdev', 'fail_mode=secure', 'protocols=OpenFlow13']
  await ovs.vsctl('add-br', 'br0', '--', 'set', 'bridge', 'br0', ...bridge)
  return new FlowLab(ovs, functions, limits, log)
}
