/** Under load: the OpenFlow channel, the dispatcher with its watchdog, and one learning switch function. Prints its port. */
import { join } from 'node:path'
import { StateView } from '../../db/state/view.ts'
import { bundleFunction } from '../../runtime/deploy/bundle.ts'
import { findFunctions } from '../../runtime/deploy/function-sources.ts'
import { loadVersion } from '../../runtime/deploy/load-version.ts'
import { FunctionFailures } from '../../runtime/dispatch/function-failures.ts'
import { FunctionRegistry } from '../../runtime/dispatch/function-registry.ts'
import { PacketDispatcher } from '../../runtime/dispatch/packet-dispatcher.ts'
import { createLogger } from '../../runtime/log.ts'
import { createChannel } from '../../runtime/openflow/channel/index.ts'
import type { Result } from '../../runtime/problem.ts'

function must<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(JSON.stringify(result.problem))
  return result.value
}

const root = join(import.meta.dir, 'functions')
const log = createLogger('warn')
const registry = new FunctionRegistry()
for (const source of findFunctions(root)) {
  const { name, digest, text } = must(await bundleFunction(root, source))
  must(registry.activate(must(await loadVersion({ name, version: 1, digest, bundle: text }))))
}

const state = new StateView()
const dispatcher = new PacketDispatcher({
  registry,
  failures: new FunctionFailures(registry, log),
  state: () => state,
  commit: () => Promise.reject(new Error('nothing is written here')),
  log,
})
const detach = new Map<string, () => void>()
const channel = createChannel({
  listen: ['tcp:127.0.0.1:0'],
  log,
  admit: () => ({ serve: true }),
  onJoined: (session) => void detach.set(session.dpid, dispatcher.attach(session)),
  onLeft: (session) => detach.get(session.dpid)?.(),
})
const [address] = must(await channel.start())
console.log(address!.split(':').at(-1))

process.on('SIGUSR1', () => {
  for (const slot of registry.slots)
    console.error(JSON.stringify({ ...slot.current?.counts, host: dispatcher.counts }))
})
process.on('SIGTERM', () => process.exit(0))
