/** ISC dhclient for IPv6 in a machine of a lab, with files of its own. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Machine } from '../../cli/lab/machine.ts'

const script = resolve(import.meta.dir, 'dhclient-script')
const configuration = `timeout 8;
retry 1;
request dhcp6.name-servers, dhcp6.domain-search;
`

export class Dhclient6 {
  readonly #folder = mkdtempSync(`/tmp/ovt-${process.pid}-dhclient6-`)
  readonly #machine: Machine

  constructor(machine: Machine) {
    this.#machine = machine
  }

  /** What happened last, by dhclient's names without `new_`, and the event's own as `reason`. */
  last(): Record<string, string> {
    const events = readFileSync(this.#file('notes'), 'utf8').split(/^reason=/m)
    const [reason, ...lines] = events.at(-1)!.split('\n')
    const values = lines.flatMap((line) => {
      const [, name, value] = /^new_(\w+)=(.*)$/.exec(line) ?? []
      return name === undefined ? [] : [[name, value!]]
    })
    return { reason: reason!, ...Object.fromEntries(values) }
  }

  /** Asks once; it goes on in the background when it has an address. `-S`: asks for all but an address, and ends. */
  async get(...more: string[]): Promise<void> {
    writeFileSync(this.#file('conf'), configuration)
    await this.#run('-1', ...more)
  }

  /** Gives its address back, and ends. */
  async release(): Promise<void> {
    await this.#run('-r')
  }

  /** Ends without a word. */
  async remove(): Promise<void> {
    await this.#run('-x').catch(() => {})
    rmSync(this.#folder, { recursive: true, force: true })
  }

  #run(...more: string[]) {
    return this.#machine.exec(
      ...['dhclient', '-6', '-v', ...more, '-sf', script, '-cf', this.#file('conf')],
      ...[
        '-lf',
        this.#file('leases'),
        '-pf',
        this.#file('pid'),
        '-e',
        `NOTES=${this.#file('notes')}`,
        'eth0',
      ],
    )
  }

  #file(name: string) {
    return join(this.#folder, name)
  }
}
