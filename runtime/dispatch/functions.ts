import type { State } from '../../db/state/types.ts'
import type { Job, Store } from '../../db/store/store.ts'
import { Deployment } from '../deploy/deployment.ts'
import { VersionStore } from '../deploy/version-store.ts'
import type { Logger } from '../log.ts'
import type { FlowsFunction } from '../openvnet/define.ts'
import type { AlarmEffect } from '../openvnet/effects.ts'
import type { SwitchReports } from '../openvnet/environment.ts'
import type { LoadedVersion } from './active-function.ts'
import { ApiDispatcher } from './api-dispatch.ts'
import type { EffectHooks } from './effect-applier.ts'
import { EventDispatcher } from './event-dispatcher.ts'
import { type FunctionFigures, figuresOf } from './figures.ts'
import { FunctionFailures } from './function-failures.ts'
import { FunctionRegistry } from './function-registry.ts'
import type { IsolateLimits } from './isolate-pool.ts'
import { Memory } from './memory.ts'
import { PacketDispatcher } from './packet-dispatcher.ts'
import type { PacketSession } from './packet-lane.ts'
import { ScheduleRunner } from './schedule-runner.ts'
import { TaskDispatcher } from './task-dispatcher.ts'
import { watchIntrinsics } from './watch-intrinsics.ts'

export interface FunctionsOptions {
  /** The folder `functions/`. */
  readonly root: string
  readonly store: Store
  /** The newest state: it has every change that the store's listeners were told of. */
  readonly state: () => State
  readonly log: Logger
  /** Where packet-outs of event functions and tasks go. Null: the switch is not connected. */
  readonly session: (dpid: string) => Pick<PacketSession, 'packetOut' | 'endedBy'> | null
  /** The pipeline and the flow functions that serve from now on. */
  readonly onFlows?: (flows: LoadedVersion<FlowsFunction>) => void
  /** What the writes of a request would change, as JSON text: for those that are only tried. */
  readonly plan?: (job: Job) => Promise<string | undefined>
  /** Hears of the alarms of functions, as many as they raise. */
  readonly onAlarm?: (alarm: AlarmEffect) => void
  /** Events of this datapath were lost: its ports are to be listed anew. */
  readonly onLost?: (dpid: string) => void
  /** How the switches of all hosts are, for schedules. Default: none is connected. */
  readonly switches?: () => SwitchReports
  /** Whether schedules are this host's to run, among those that share its database. Default: always. */
  readonly mayRun?: () => boolean
  readonly isolateLimits?: Partial<IsolateLimits>
}

/** All functions of a host: where they run, what they are given, and which version of each serves. */
export interface Functions {
  readonly registry: FunctionRegistry
  readonly packets: PacketDispatcher
  readonly events: EventDispatcher
  /** Runs nothing until it is started: that takes a state. */
  readonly schedules: ScheduleRunner
  readonly api: ApiDispatcher
  readonly deployment: Deployment
  /** How each function that serves is doing. */
  figures(): FunctionFigures[]
  /** Ends isolates and timers; requests that wait are refused. */
  close(): void
}

/** Nothing is deployed yet: `deployment.deploy()` does that. */
export function createFunctions(options: FunctionsOptions): Functions {
  const { store, log, onFlows } = options
  const registry = new FunctionRegistry()
  const failures = new FunctionFailures(registry, log)
  const commit: Store['commit'] = (job) => store.commit(job)
  const memory = new Memory()
  const tasks = new TaskDispatcher({ ...options, registry, failures, memory })
  const call: EffectHooks['call'] = (name, payload, source) => tasks.call(name, payload, source)
  const hooks: EffectHooks = { call, session: options.session, alarm: options.onAlarm }
  const shared = { ...options, registry, failures, commit, memory, hooks }
  const packets = new PacketDispatcher(shared)
  const events = new EventDispatcher(shared)
  const schedules = new ScheduleRunner(shared)
  const snapshot = () => store.snapshotText()
  const api = new ApiDispatcher({
    commit,
    plan: options.plan,
    snapshot,
    failures,
    log,
    ...(options.isolateLimits === undefined ? {} : { limits: options.isolateLimits }),
  })
  // From the beginning: an isolate's snapshot and the changes after it must meet.
  store.onChanges((_changes, _revision, text) => api.changes(text))
  registry.onActivated((version) => {
    if (version.definition.kind === 'flows') onFlows?.(version as LoadedVersion<FlowsFunction>)
  })
  const intrinsics = watchIntrinsics(log)
  return {
    registry,
    packets,
    events,
    schedules,
    api,
    deployment: new Deployment(options.root, new VersionStore(store), registry, api),
    figures: () =>
      [...registry.slots.flatMap((slot) => slot.current ?? []), ...api.versions].map((version) =>
        figuresOf(version),
      ),
    close() {
      intrinsics.stop()
      schedules.close()
      packets.close()
      events.close()
      tasks.close()
      api.close()
      failures.close()
    },
  }
}
