/** Structured logs on standard error: JSON lines, or one readable line each on a terminal. */

const levels = { debug: 10, info: 20, warn: 30, error: 40 } as const
export type LogLevel = keyof typeof levels
export type LogFields = Readonly<Record<string, string | number | boolean | null | undefined>>

export interface Logger {
  debug(message: string, fields?: LogFields): void
  info(message: string, fields?: LogFields): void
  warn(message: string, fields?: LogFields): void
  error(message: string, fields?: LogFields): void
  /** A logger that adds these fields to every line. */
  with(fields: LogFields): Logger
}

export const isLogLevel = (text: string): text is LogLevel => Object.hasOwn(levels, text)

const readable = (level: LogLevel, message: string, fields: LogFields) =>
  `${new Date().toISOString().slice(11, 23)} ${level.padEnd(5)} ${message}${Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => ` ${name}=${value}`)
    .join('')}`

/** A logger that writes lines of `least` and above; `VNET_LOG` sets the level of a process. */
export function createLogger(
  least: LogLevel,
  write = (line: string) => void process.stderr.write(`${line}\n`),
  terminal = process.stderr.isTTY === true,
): Logger {
  const make = (bound: LogFields): Logger => {
    const at =
      (level: LogLevel) =>
      (message: string, fields: LogFields = {}) => {
        if (levels[level] < levels[least]) return
        const all = { ...bound, ...fields }
        write(
          terminal
            ? readable(level, message, all)
            : JSON.stringify({ time: new Date().toISOString(), level, message, ...all }),
        )
      }
    return {
      debug: at('debug'),
      info: at('info'),
      warn: at('warn'),
      error: at('error'),
      with: (fields) => make({ ...bound, ...fields }),
    }
  }
  return make({})
}

/** Drops everything: for tests. */
export const silent: Logger = { debug() {}, info() {}, warn() {}, error() {}, with: () => silent }
