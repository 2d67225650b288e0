/** `vnet host`: runs until SIGTERM or SIGINT; the flows stay in the switches. */

import { startHost } from '../../runtime/host/host.ts'
import { describe } from '../../runtime/problem.ts'
import { hostConfigOf } from './host-config.ts'
import { readSettings, settingsHelp } from './settings.ts'

const help = `vnet host: serve switches and the HTTP API

${settingsHelp()}

Options with … can be repeated. Each is also an environment variable (--node-id: VNET_NODE_ID) and a key of
vnet.toml in the folder where it is started (node-id = "…").`

/** Resolves to the exit code when a signal ends the host. */
export const untilSignal = () =>
  new Promise<NodeJS.Signals>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve(signal))
  })

export async function run(argv: string[], watch = false): Promise<number> {
  if (argv.includes('--help')) {
    console.log(help)
    return 0
  }
  const ended = untilSignal()
  const settings = readSettings(argv, process.env, process.cwd())
  const config = settings.ok ? hostConfigOf(settings.value, { watch }) : settings
  const host = config.ok ? await startHost(config.value) : config
  if (!host.ok) {
    console.error(`vnet: ${describe(host.problem)}`)
    return 1
  }
  await ended
  await host.value.stop()
  return 0
}
