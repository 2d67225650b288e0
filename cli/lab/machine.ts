/** A virtual machine of a lab: a network namespace that asks for its address by DHCP and pings others. */
import { join } from 'node:path'
import { runCommand } from './command.ts'
import type { MachinePlan } from './plan.ts'

const dhcpRetriesMax = 10
const dhcpRetryIntervalS = 1
const pingTimeoutS = 1
const leaseScript = join(import.meta.dir, 'lease')

export interface Lease {
  readonly address: string
  readonly prefix: number
  readonly mtu: number | null
  /** Everything the client was given, by its names. */
  readonly options: Readonly<Record<string, string>>
}

export class Machine {
  readonly name: string
  readonly mac: string
  readonly netns: string
  readonly hypervisor: string

  constructor(plan: MachinePlan, netns: string, hypervisor: string) {
    this.name = plan.name
    this.mac = plan.mac
    this.netns = netns
    this.hypervisor = hypervisor
  }

  /** Runs a command inside. Resolves to its trimmed output; throws with its error text. */
  exec(...command: string[]): Promise<string> {
    return runCommand(['ip', 'netns', 'exec', this.netns, ...command])
  }

  /** Gets an address with a real DHCP client and configures it. Throws when nobody answers in about ten seconds. */
  async dhcp(): Promise<Lease> {
    const output = await this.exec(
      ...['udhcpc', '-i', 'eth0', '-f', '-n', '-q', '-s', leaseScript],
      ...[
        '-t',
        `${dhcpRetriesMax}`,
        '-T',
        `${dhcpRetryIntervalS}`,
        '-A',
        '1',
        '-O',
        'mtu',
        '-O',
        'staticroutes',
      ],
    )
    const options = Object.fromEntries(
      [...output.matchAll(/^lease (\w+)=(.*)$/gm)].map(([, name, value]) => [name!, value!]),
    )
    const { ip, mask, mtu } = options
    if (ip === undefined) throw new Error(`${this.name}: the DHCP client gave no address: ${output}`)
    return { address: ip, prefix: Number(mask ?? 32), mtu: mtu === undefined ? null : Number(mtu), options }
  }

  /** Pings once; the round-trip time in milliseconds, or null when nothing comes back within a second. */
  async ping(address: string, timeoutS = pingTimeoutS): Promise<number | null> {
    const output = await this.exec('ping', '-n', '-c', '1', '-W', `${timeoutS}`, address).catch(
      (error: Error) => error.message,
    )
    const time = /time[=<]([0-9.]+) ms/.exec(output)
    return time === null ? null : Number(time[1])
  }
}
