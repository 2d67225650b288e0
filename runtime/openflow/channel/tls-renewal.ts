/** Notices that the TLS files have been renewed, so that nobody has to restart for it. */
import type { Logger } from '../../log.ts'
import { describe } from '../../problem.ts'
import { readTls, type TlsFiles, type TlsMaterial } from './tls.ts'

export class TlsRenewal {
  readonly #files: TlsFiles
  readonly #log: Logger
  readonly #renewed: (material: TlsMaterial) => void
  #current: TlsMaterial
  #told = ''
  #timer: ReturnType<typeof setTimeout> | undefined

  /** `renewed` takes the new material into use; what it throws is told, and it is called again. */
  constructor(files: TlsFiles, first: TlsMaterial, log: Logger, renewed: (material: TlsMaterial) => void) {
    this.#files = files
    this.#current = first
    this.#log = log
    this.#renewed = renewed
  }

  /** Looks every `intervalMs`. */
  start(intervalMs: number): void {
    this.#timer = setTimeout(async () => {
      await this.#look()
      if (this.#timer !== undefined) this.start(intervalMs)
    }, intervalMs)
    this.#timer.unref()
  }

  stop(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  /** Files that cannot be used, be it that only one of them is renewed yet, leave things as they are. */
  async #look(): Promise<void> {
    const read = await readTls(this.#files)
    if (this.#timer === undefined) return
    if (!read.ok) return this.#tell(describe(read.problem))
    const { key, cert, ca } = read.value
    if (key === this.#current.key && cert === this.#current.cert && ca === this.#current.ca) return
    try {
      this.#renewed(read.value)
      this.#current = read.value
      this.#told = ''
      this.#log.info('TLS files renewed; new connections use them', { cert: this.#files.cert })
    } catch (error) {
      this.#tell(String(error))
    }
  }

  #tell(problem: string): void {
    if (problem !== this.#told) this.#log.warn('TLS files cannot be renewed', { problem })
    this.#told = problem
  }
}
