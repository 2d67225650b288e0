/** What switches call their ports. */
import type { PortStatus } from '../openflow/index.ts'
import type { SwitchPort } from '../openvnet/events.ts'
import { localPort } from '../openvnet/packet.ts'

/** A lone half of a surrogate pair: what the codec makes of a byte that is no UTF-8. */
const halves = /\p{Cs}/gu

/** A port's name as it can be stored. Names that are no UTF-8 would all be stored as the same: their odd bytes become `\x80`. */
export const portNameOf = (name: string): string =>
  name.isWellFormed()
    ? name
    : name.replace(halves, (half) => `\\x${(half.charCodeAt(0) & 0xff).toString(16).padStart(2, '0')}`)

export const portNumberOf = (port: number | string): number =>
  port === 'OFPP_LOCAL' ? localPort : Number(port)

interface NamedPort {
  readonly port_no: number | string
  readonly name: string
}

/** The number of the port with this name; undefined: there is none. */
export function portNumberIn(ports: Iterable<NamedPort>, name: string | null): number | undefined {
  for (const port of ports) if (portNameOf(port.name) === name) return portNumberOf(port.port_no)
  return undefined
}

/** A port as OpenFlow tells it, which knows neither `external_ids` nor what leads to the physical network. */
export const switchPortOf = ({ port_no, name, state, config }: PortStatus['desc']): SwitchPort => ({
  portNumber: portNumberOf(port_no),
  portName: portNameOf(name),
  ifaceId: null,
  uplink: false,
  linked: !state.includes('OFPPS_LINK_DOWN') && !config.includes('OFPPC_PORT_DOWN'),
})
