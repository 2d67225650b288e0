/** `vnet bridge`: makes a bridge as a host wants it, from the first moment secure and with its datapath id pinned. */
import { parseArgs } from 'node:util'
import { silent } from '../../runtime/log.ts'
import { type BridgeOutcome, createOvsdbManager } from '../../runtime/ovsdb/index.ts'
import { describe, failure, type Result, success } from '../../runtime/problem.ts'
import { systemOvsdb } from './host-config.ts'

const help = `vnet bridge NAME DATAPATH-ID: make a bridge, secure and with its datapath id pinned

  NAME                   what it is called, such as br0
  DATAPATH-ID            up to 16 hexadecimal digits, such as 0x1
  --ovsdb ADDR           unix:PATH, tcp:HOST:PORT; default: the system’s
  --user-space           forward in user space (datapath_type=netdev): where the kernel has no module \`openvswitch\`

It waits until ovs-vswitchd has the bridge. One that is there already gets the type of datapath that is asked for as long
as it has no ports.`

const connectTimeoutMs = 5_000

interface Wanted {
  readonly name: string
  readonly dpid: string
  readonly ovsdb: string
  readonly userSpace: boolean
}

function read(argv: string[]): Result<Wanted> {
  try {
    const { values, positionals } = parseArgs({
      args: argv,
      options: { ovsdb: { type: 'string' }, 'user-space': { type: 'boolean' } },
      allowPositionals: true,
    })
    const [name, id, ...more] = positionals
    const digits = /^(?:0x)?([0-9a-f]{1,16})$/i.exec(id ?? '')?.[1]
    if (name === undefined || digits === undefined || more.length > 0)
      return failure({
        what: 'not a name and a datapath id',
        where: 'command line',
        expected: 'NAME DATAPATH-ID',
        received: argv.join(' '),
      })
    const ovsdb = values.ovsdb ?? `unix:${systemOvsdb()}`
    return success({
      name,
      dpid: `0x${digits.toLowerCase().padStart(16, '0')}`,
      ovsdb,
      userSpace: values['user-space'] === true,
    })
  } catch (error) {
    return failure({ what: (error as Error).message, where: 'command line' })
  }
}

const sentences: Readonly<Record<BridgeOutcome, string>> = {
  made: 'is made, secure',
  changed: 'is there, and forwards in user space now',
  there: 'is there already',
}

/** Only looks for the bridge: nothing is adopted. */
async function make({ name, dpid, ovsdb, userSpace }: Wanted): Promise<Result<BridgeOutcome>> {
  const nothing = () => {}
  const created = createOvsdbManager({
    addresses: [ovsdb],
    log: silent,
    isRegistered: () => false,
    onBridge: nothing,
    onBridgeGone: nothing,
    onPorts: nothing,
    onFlowsFlushed: nothing,
    onAlarm: nothing,
  })
  if (!created.ok) return created
  const manager = created.value
  try {
    await manager.whenSynced(connectTimeoutMs)
    return await manager.createBridge({ name, dpid, ...(userSpace && { datapathType: 'netdev' }) })
  } finally {
    await manager.close()
  }
}

export async function run(argv: string[]): Promise<number> {
  if (argv.includes('--help') || argv.includes('-h')) {
    console.log(help)
    return 0
  }
  const wanted = read(argv)
  const made = wanted.ok ? await make(wanted.value) : wanted
  if (!made.ok) console.error(`vnet bridge: ${describe(made.problem)}`)
  else if (wanted.ok) console.log(`${wanted.value.name} (${wanted.value.dpid}) ${sentences[made.value]}`)
  return made.ok ? 0 : wanted.ok ? 1 : 2
}
