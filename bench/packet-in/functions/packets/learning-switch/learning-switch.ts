import { forward, packetIn } from 'openvnet'

/** Addresses of one switch; two generations, so that forgetting the oldest costs nothing. */
const addressesMax = 65_536

class Addresses {
  #young = new Map<number, number>()
  #old = new Map<number, number>()

  learn(address: number, port: number) {
    if (this.#young.get(address) === port) return
    if (this.#young.size >= addressesMax) {
      this.#old = this.#young
      this.#young = new Map()
    }
    this.#young.set(address, port)
  }

  portOf(address: number): number | undefined {
    return this.#young.get(address) ?? this.#old.get(address)
  }
}

// A benchmark only: what a function of the product learns is state.
const switches = new Map<string, Addresses>()

const addressesOf = (dpid: string): Addresses => {
  let addresses = switches.get(dpid)
  if (addresses === undefined) switches.set(dpid, (addresses = new Addresses()))
  return addresses
}

const isGroup = (address: number) => (Math.floor(address / 2 ** 40) & 1) === 1

/** Sends a frame to where its destination was last seen, or everywhere. */
export default packetIn({
  name: 'learning-switch',
  from: { name: 'miss', code: 1 },
  handle(packet) {
    const addresses = addressesOf(packet.dpid)
    addresses.learn(packet.u48(6), packet.inPort)
    const destination = packet.u48(0)
    const port = isGroup(destination) ? undefined : addresses.portOf(destination)
    if (port === undefined) return forward('OFPP_FLOOD')
    return forward(port === packet.inPort ? 'OFPP_IN_PORT' : port)
  },
})
