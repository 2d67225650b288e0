import type { LogFields, Logger, LogLevel } from '../log.ts'
import type { LogEffect } from '../openvnet/effects.ts'
import { readLog } from './effect-checks.ts'
import type { HostEffect } from './host-effect.ts'
import { eventLimits } from './limits.ts'

/** Collects what a function logs during one event. */
export class LineBuffer {
  #lines: LogEffect[] = []
  readonly logger: Pick<Logger, 'debug' | 'info' | 'warn' | 'error'> = Object.freeze({
    debug: (message: string, fields?: LogFields) => this.#add('debug', message, fields),
    info: (message: string, fields?: LogFields) => this.#add('info', message, fields),
    warn: (message: string, fields?: LogFields) => this.#add('warn', message, fields),
    error: (message: string, fields?: LogFields) => this.#add('error', message, fields),
  })

  get length(): number {
    return this.#lines.length
  }

  clear() {
    this.#lines = []
  }

  /** Checked copies. Throws InvalidEffect. */
  take(): HostEffect[] {
    return this.#lines.map(readLog)
  }

  #add(level: LogLevel, message: string, fields: LogFields = {}) {
    if (this.#lines.length < eventLimits.logLinesMax)
      this.#lines.push({ type: 'log', level, message, fields })
  }
}
