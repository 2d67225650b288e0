/**
 * Open vSwitch in user space remembers decisions for packets that are alike, and several may be about the same packets.
 * When flows change it renews each; before 3.1.3, 3.0.5 and 2.17.8 it found what to renew by a packet and not by name, so
 * that one was renewed twice and another never ("dpif-netdev: Fix dpif_netdev_flow_put"): packets went on by flows that
 * were gone. There, what is remembered is dropped with each change. The next packets are decided anew, none is lost.
 */
import { dirname } from 'node:path'
import type { Logger } from '../../log.ts'
import type { SwitchPort } from '../../pipeline/sync/switch-port.ts'
import { describe, failure, type Result, success } from '../../problem.ts'
import { control, controlSockets } from './control-socket.ts'

const controlTimeoutMs = 2_000
/** What could not be told is asked again after this, so that changes do not wait for a busy switch each time. */
const unknownMs = 10_000
/** The first release of each line that renews every decision; later lines all do. */
const repaired = [
  [2, 17, 8],
  [3, 0, 5],
  [3, 1, 3],
] as const

/** Whether this release of Open vSwitch may leave decisions as they are; false where it cannot be read. */
export function leavesStale(version: string): boolean {
  const [major, minor, patch] = (/(\d+)\.(\d+)\.(\d+)/.exec(version) ?? []).slice(1).map(Number)
  if (major === undefined || minor === undefined || patch === undefined) return false
  const line = repaired.find(([a, b]) => a === major && b === minor)
  if (line !== undefined) return patch < line[2]
  return major < 2 || (major === 2 && minor < 17)
}

/** Whether `dpif/show` has a bridge among those that are forwarded in user space. */
export function isInUserSpace(shown: string, bridge: string): boolean {
  let type = ''
  for (const line of shown.split('\n')) {
    type = /^(\w+)@/.exec(line)?.[1] ?? type
    if (line === `  ${bridge}:`) return type === 'netdev'
  }
  return false
}

type Drop = () => Promise<Result<string>>

/** How to drop what is remembered of a bridge that is dialled beside this host; null: there is no need, or no way. A failure: nobody can tell. */
async function dropOf(address: string): Promise<Result<Drop | null>> {
  const [, path = '', bridge = ''] = /^unix:(.+\/([^/]+)\.mgmt)$/.exec(address) ?? []
  if (path === '') return success(null)
  const where = dirname(path)
  let result: Result<Drop | null> = failure({ what: 'ovs-vswitchd has no control socket', where })
  for (const socket of controlSockets(where)) {
    const version = await control(socket, 'version', controlTimeoutMs)
    // It may be of a process that is gone.
    result = version.ok ? success(null) : version
    if (!version.ok) continue
    if (!leavesStale(version.value)) break
    const shown = await control(socket, 'dpif/show', controlTimeoutMs)
    if (!shown.ok) return shown
    const isConcerned = isInUserSpace(shown.value, bridge)
    return success(isConcerned ? () => control(socket, 'revalidator/purge', controlTimeoutMs) : null)
  }
  return result
}

/** Finds out once how to drop what is remembered of a bridge, and again and again where nobody could tell. */
export class Caches {
  readonly #address: string
  readonly #log: Logger
  readonly #againMs: number
  #finding: Promise<Result<Drop | null>>
  #foundMs = performance.now()
  #isWarned = false

  /**
   * @param address of the switch
   * @param againMs after how long it is asked again what could not be told, when it is wanted next
   */
  constructor(address: string, log: Logger, againMs = unknownMs) {
    this.#address = address
    this.#log = log
    this.#againMs = againMs
    this.#finding = dropOf(address)
  }

  /** Never rejects. */
  async drop(): Promise<void> {
    const found = await this.#found()
    const dropped = found.ok ? await found.value?.() : found
    if (dropped === undefined || dropped.ok || (!found.ok && this.#isWarned)) return
    this.#isWarned ||= !found.ok
    this.#log.warn('packets may go on by flows that are gone', { problem: describe(dropped.problem) })
  }

  /** Whether it is needed, or nobody can tell. Never rejects. */
  async mayMatter(): Promise<boolean> {
    const found = await this.#found()
    return !found.ok || found.value !== null
  }

  async #found(): Promise<Result<Drop | null>> {
    const found = await this.#finding
    if (found.ok || performance.now() - this.#foundMs < this.#againMs) return found
    this.#foundMs = performance.now()
    this.#finding = dropOf(this.#address)
    return this.#finding
  }
}

/** The same switch; what it acknowledges, packets obey from then on. */
export function withFreshCaches(port: SwitchPort, caches: Pick<Caches, 'drop'>): SwitchPort {
  return {
    get hasBundles() {
      return port.hasBundles
    },
    read: (timeoutMs) => port.read(timeoutMs),
    async bundle(messages, timeoutMs) {
      const applied = await port.bundle(messages, timeoutMs)
      if (applied.kind !== 'refused') await caches.drop()
      return applied
    },
    async each(messages, timeoutMs) {
      const applied = await port.each(messages, timeoutMs)
      await caches.drop()
      return applied
    },
  }
}
