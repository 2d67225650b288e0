/**
 * Open vSwitch in user space remembers decisions for packets that are alike, and several may be about the same packets.
 * When flows change it renews each; before 3.1.3, 3.0.5 and 2.17.8 it found what to renew by a packet and not by name, so
 * that one was renewed twice and another never ("dpif-netdev: Fix dpif_netdev_flow_put"): packets went on by flows that
 * were gone. There, what is remembered is dropped with each change. The next packets are decided anew, none is lost.
 */
import { dirname } from 'node:path'
import type { Logger } from '../../log.ts'
import type { SwitchPort } from '../../pipeline/sync/switch-port.ts'
import { describe, type Result } from '../../problem.ts'
import { control, controlSockets } from './control-socket.ts'

const controlTimeoutMs = 2_000
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

/** How to drop what is remembered of a bridge that is dialled beside this host; undefined: there is no need, or no way. */
async function dropOf(address: string): Promise<Drop | undefined> {
  const [, path = '', bridge = ''] = /^unix:(.+\/([^/]+)\.mgmt)$/.exec(address) ?? []
  if (path === '') return undefined
  for (const socket of controlSockets(dirname(path))) {
    const version = await control(socket, 'version', controlTimeoutMs)
    if (!version.ok) continue
    const shown = await control(socket, 'dpif/show', controlTimeoutMs)
    const isConcerned = leavesStale(version.value) && shown.ok && isInUserSpace(shown.value, bridge)
    return isConcerned ? () => control(socket, 'revalidator/purge', controlTimeoutMs) : undefined
  }
  return undefined
}

/** The same switch; what it acknowledges, packets obey from then on. */
export function withFreshCaches(port: SwitchPort, address: string, log: Logger): SwitchPort {
  const finding = dropOf(address)
  async function renew(): Promise<void> {
    const dropped = await (await finding)?.()
    if (dropped?.ok === false)
      log.warn('packets may go on by flows that are gone', { problem: describe(dropped.problem) })
  }
  return {
    get hasBundles() {
      return port.hasBundles
    },
    read: (timeoutMs) => port.read(timeoutMs),
    async bundle(messages, timeoutMs) {
      const applied = await port.bundle(messages, timeoutMs)
      if (applied.kind === 'applied') await renew()
      return applied
    },
    each: (messages, timeoutMs) => port.each(messages, timeoutMs),
  }
}
