/**
 * Under load: the OpenFlow channel, the dispatcher with its watchdog, and one learning switch function. Prints its port.
 * `--swap-every-ms N` puts another version of the function to service that often, bundled anew each time.
 */
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { StateView } from '../../db/state/view.ts'
import { bundleFunction, digestOf } from '../../runtime/deploy/bundle.ts'
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
const [source] = findFunctions(root)

/** Every version differs in a comment at least. */
async function deploy(version: number) {
  const { name, text } = must(await bundleFunction(root, source!))
  const bundle = text.replace('\n', `\n/* ${version} */`)
  must(registry.activate(must(await loadVersion({ name, version, digest: digestOf(bundle), bundle }))))
}
await deploy(1)

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

const { values } = parseArgs({ options: { 'swap-every-ms': { type: 'string', default: '0' } } })
const swapEveryMs = Number(values['swap-every-ms'])
let version = 1
if (swapEveryMs > 0) setInterval(() => void deploy(++version), swapEveryMs)
process.on('SIGTERM', () => process.exit(0))
