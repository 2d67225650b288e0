/** A real Open vSwitch for the tests of a file, and the manager that the test at hand has on it. */
import { afterAll, afterEach, beforeAll, beforeEach } from 'bun:test'
import { eventually, type OpenVswitch, startOpenVswitch } from '../../tests/support/open-vswitch.ts'
import type { BridgePort } from './index.ts'
import { type OvsdbRig, startOvsdbRig } from './testing.ts'

/** Of the bridge that `useBridge` makes. */
export const dpid = '0x00000000000000d1'

export class OvsdbLab {
  #ovs: OpenVswitch | undefined
  #rig: OvsdbRig | undefined
  #bridges = 0x100

  get ovs(): OpenVswitch {
    return this.#ovs!
  }

  get rig(): OvsdbRig {
    return this.#rig!
  }

  async open(name: string): Promise<void> {
    this.#ovs = await startOpenVswitch({ name })
  }

  /** Ends what a test has made. */
  async clear(): Promise<void> {
    this.#rig?.manager.close()
    for (const bridge of (await this.ovs.vsctl('list-br')).split('\n'))
      await this.ovs.vsctl('--if-exists', 'del-br', bridge)
  }

  async close(): Promise<void> {
    await this.#ovs?.stop()
  }

  /** A manager on this Open vSwitch, and on others; datapaths with these ids are registered. */
  start(registered: readonly string[] = [], others: readonly string[] = []): OvsdbRig {
    return (this.#rig = startOvsdbRig([`unix:${this.ovs.dbSocket}`, ...others], registered))
  }

  async addBridge(name: string, id: string, ...settings: string[]): Promise<void> {
    const all = ['datapath_type=netdev', `other_config:datapath-id=${id.slice(2)}`, ...settings]
    await this.ovs.vsctl('add-br', name, '--', 'set', 'bridge', name, ...all)
  }

  /** A bridge with an id of its own, else in Open vSwitch's default state; its id. */
  async newBridge(name: string, ...settings: string[]): Promise<string> {
    const id = `0x${(++this.#bridges).toString(16).padStart(16, '0')}`
    await this.addBridge(name, id, ...settings)
    await this.ovs.mgmt(name)
    return id
  }

  /** A column of a bridge, without quotes. */
  async get(bridge: string, column: string): Promise<string> {
    return (await this.ovs.vsctl('get', 'bridge', bridge, column)).replaceAll('"', '')
  }

  async addPort(name: string, ...settings: string[]): Promise<void> {
    await this.ovs.vsctl(
      'add-port',
      'br0',
      name,
      '--',
      'set',
      'interface',
      name,
      'type=internal',
      ...settings,
    )
  }

  /** The port, once it has a number. */
  numbered(name: string): Promise<BridgePort> {
    return eventually(`a number for ${name}`, () => {
      const port = this.rig.port(dpid, name)
      return port?.portNumber ? port : null
    })
  }

  /** The names of the ports of `br0`, in order. */
  async ports(): Promise<string[]> {
    const names = await this.ovs.vsctl('list-ports', 'br0')
    return names === '' ? [] : names.split('\n').sort()
  }
}

/** An Open vSwitch for the tests of a file, without bridges when a test begins. */
export function useOpenVswitch(name: string): OvsdbLab {
  const lab = new OvsdbLab()
  beforeAll(() => lab.open(name))
  afterEach(() => lab.clear())
  afterAll(() => lab.close())
  return lab
}

/** The same, with the bridge `br0` when a test begins. */
export function useBridge(name: string): OvsdbLab {
  const lab = useOpenVswitch(name)
  beforeEach(() => lab.addBridge('br0', dpid))
  return lab
}
