/** Real DHCP clients in machines of a lab, with files of their own. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Machine } from '../../cli/lab/machine.ts'
import { eventually } from './open-vswitch.ts'

const dhclientScript = resolve(import.meta.dir, 'dhclient-script')
const udhcpcScript = resolve(import.meta.dir, '../../cli/lab/lease')

const configuration = `timeout 8;
retry 1;
initial-interval 1;
option rfc3442-classless-static-routes code 121 = array of unsigned integer 8;
request subnet-mask, broadcast-address, routers, domain-name, domain-name-servers, interface-mtu,
  rfc3442-classless-static-routes;
`

/** ISC dhclient. Its lease file lives as long as this does. */
export class Dhclient {
  readonly #folder = mkdtempSync(`/tmp/ovt-${process.pid}-dhclient-`)
  readonly #machine: Machine
  readonly #more: string

  /** @param more lines of its configuration beside the usual ones */
  constructor(machine: Machine, more = '') {
    this.#machine = machine
    this.#more = more
  }

  /** What it has been told since the last call, event by event, by dhclient's names without `new_`. */
  events(): Record<string, string>[] {
    let text = ''
    try {
      text = readFileSync(this.#file('notes'), 'utf8')
    } catch {
      return []
    }
    rmSync(this.#file('notes'))
    return text
      .split(/^reason=/m)
      .slice(1)
      .map((part) => {
        const [reason, ...lines] = part.split('\n')
        const values = lines.flatMap((line) => {
          const [, name, value] = /^new_(\w+)=(.*)$/.exec(line) ?? []
          return name === undefined ? [] : [[name, value!]]
        })
        return { reason: reason!, ...Object.fromEntries(values) }
      })
  }

  /** It believes that it had this address when it ran last. */
  remember(address: string, serverAddress: string): void {
    const until = 'never'
    writeFileSync(
      this.#file('leases'),
      `lease {
  interface "eth0";
  fixed-address ${address};
  option subnet-mask 255.255.255.0;
  option dhcp-server-identifier ${serverAddress};
  option dhcp-lease-time 86400;
  renew ${until};
  rebind ${until};
  expire ${until};
}\n`,
    )
  }

  /** Asks once; it goes on in the background when it has an address. */
  async get(): Promise<void> {
    await this.#run('-1')
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
    writeFileSync(this.#file('conf'), configuration + this.#more)
    return this.#machine.exec(
      ...['dhclient', '-4', '-v', ...more, '-sf', dhclientScript, '-cf', this.#file('conf')],
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

/** udhcpc that stays: it renews and releases when told to. */
export class Udhcpc {
  readonly #child: Bun.Subprocess<'ignore', 'pipe', 'ignore'>
  #output = ''

  constructor(machine: Machine) {
    const child = Bun.spawn(
      [
        ...['setpriv', '--pdeathsig', 'KILL', 'ip', 'netns', 'exec', machine.netns],
        ...['udhcpc', '-i', 'eth0', '-f', '-s', udhcpcScript, '-t', '5', '-T', '1', '-A', '1', '-R'],
      ],
      { stdin: 'ignore', stdout: 'pipe', stderr: 'ignore' },
    )
    this.#child = child
    void (async () => {
      for await (const chunk of child.stdout) this.#output += new TextDecoder().decode(chunk)
    })()
  }

  /** How often it was given an address so far. */
  get leases(): number {
    return [...this.#output.matchAll(/^lease ip=/gm)].length
  }

  async bound(times: number): Promise<void> {
    await eventually(`lease number ${times}`, () => this.leases >= times)
  }

  /** Asks its server, directly, to go on with its address. */
  renew(): void {
    this.#child.kill('SIGUSR1')
  }

  release(): void {
    this.#child.kill('SIGUSR2')
  }

  async end(): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.#child.exited
  }
}
