/** `vnet host`: runs until it is asked to end; the flows stay in the switches. */
import type { HostConfig } from '../../runtime/host/config.ts'
import { type Host, startHost } from '../../runtime/host/host.ts'
import { createLogger, type Logger } from '../../runtime/log.ts'
import { describe, type Problem, type Result } from '../../runtime/problem.ts'
import { hostConfigOf } from './host-config.ts'
import { endOnFault, faultExitCode } from './last-resort.ts'
import { asksForHelp, readSettings, settingsHelp } from './settings.ts'
import { type EndSignal, exitCodeOf, untilSignal } from './signals.ts'
import { lockStateFolder } from './state-lock.ts'

/** A start that is interrupted may come to its end for this long. */
const startPatienceMs = 700

interface Command {
  /** As it is typed. */
  readonly name: string
  readonly does: string
  /** Swap functions as their files change. */
  readonly watch: boolean
}

const hostCommand: Command = { name: 'vnet host', does: 'serve switches and the HTTP API', watch: false }

const help = ({ name, does }: Command) => `${name}: ${does}

${settingsHelp()}

SIGTERM or Ctrl-C ends it; the flows stay in the switches, and so does the traffic.`

const complain = ({ name }: Command, problem: Problem, exitCode: number): number => {
  console.error(`${name}: ${describe(problem)}`)
  return exitCode
}

/** Undefined: it was interrupted, and the start did not come to its end soon. */
async function startUnless(ended: Promise<EndSignal>, config: HostConfig): Promise<Result<Host> | undefined> {
  const patience = ended.then(() => Bun.sleep(startPatienceMs)).then(() => undefined)
  return Promise.race([startHost(config), patience])
}

/** Runs a host until a signal ends it, or it cannot go on. Resolves to the exit code. */
async function serve(command: Command, config: HostConfig, log: Logger): Promise<number> {
  // Who asks again does not want to wait. The state is whole whenever the process ends.
  const ended = untilSignal((signal) => process.exit(exitCodeOf(signal)))
  const host = await startUnless(ended, config)
  if (host === undefined) return exitCodeOf(await ended)
  if (!host.ok) return complain(command, host.problem, 1)
  const why = await Promise.race([ended, host.value.failed])
  const exitCode = typeof why === 'string' ? 0 : faultExitCode
  if (typeof why === 'string') log.info('stopping', { signal: why })
  else log.error('the host cannot go on, and ends; start it again', { problem: describe(why) })
  await host.value.stop()
  log.info('stopped; the flows stay in the switches')
  return exitCode
}

export const run = (argv: string[]) => runAs(hostCommand, argv)

/** Runs `vnet host`, or a command that is like it. */
export async function runAs(command: Command, argv: string[]): Promise<number> {
  if (asksForHelp(argv)) {
    console.log(help(command))
    return 0
  }
  const settings = readSettings(argv, process.env, process.cwd(), undefined, command.name)
  if (!settings.ok) return complain(command, settings.problem, 2)
  const config = hostConfigOf(settings.value, { watch: command.watch })
  if (!config.ok) return complain(command, config.problem, 2)
  const lock = lockStateFolder(config.value.stateFolder, 'host')
  if (!lock.ok) return complain(command, lock.problem, 1)
  process.on('exit', lock.value)
  const log = createLogger(config.value.logLevel)
  endOnFault(log)
  return serve(command, config.value, log)
}
