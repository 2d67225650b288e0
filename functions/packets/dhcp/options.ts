/** What a DHCP client is told about its network. */
import { broadcastOf, dhcpOption, formatIpv4, maskOf, optionValue, type Row, type State } from 'openvnet'
import type { Boot } from '../../state/boot.ts'
import { mtuOf } from '../../state/encapsulation.ts'
import { type MachineRoute, routesFrom } from '../../state/routing.ts'
import { gatewayOf, type Server, serverOf } from '../../state/services.ts'

/**
 * Of leases that the state keeps for ever: how long a client may go without asking, in seconds. Long, since the network
 * outlives its controller, and so must its addresses.
 */
const leaseTimeS = 86_400

/** Some clients know neither options that are split in two nor messages above 576 bytes (RFC 2131, 2). */
const classlessRoutesBytesMax = 200

type Options = [code: number, value: Uint8Array][]

/**
 * How long the address may be used, and when to renew it (not for INFORM: RFC 2131, 4.3.5).
 * @param seconds until the lease ends; undefined: it does not
 */
export const leaseTimes = (seconds = leaseTimeS): Options => [
  [dhcpOption.leaseTime, optionValue.uint32(seconds)],
  [dhcpOption.renewalTime, optionValue.uint32(Math.floor(seconds / 2))],
  [dhcpOption.rebindingTime, optionValue.uint32(Math.floor((seconds * 7) / 8))],
]

/** The default route, and those to other networks that it does not cover; then the others, as long as there is room. */
function machineRoutes(state: State, network: Row<'networks'>): MachineRoute[] {
  const all = routesFrom(state, network.id)
  const gateway = gatewayOf(state, network.id)?.ipv4
  const byDefault = all.find(({ prefix }) => prefix === 0) ?? (gateway && { network: 0, prefix: 0, gateway })
  const others = all.filter(({ prefix }) => prefix > 0)
  if (!byDefault) return others
  const isCovered = (route: MachineRoute) => route.gateway === byDefault.gateway
  return [byDefault, ...others.filter((one) => !isCovered(one)), ...others.filter(isCovered)]
}

/** Prefix length, destination as far as it is significant, gateway (RFC 3442). */
const bytesOf = ({ prefix }: MachineRoute) => 1 + Math.ceil(prefix / 8) + 4

/** As many of the routes as fit. */
function classlessRoutes(routes: readonly MachineRoute[]): Uint8Array {
  let bytes = 0
  const end = routes.findIndex((route) => (bytes += bytesOf(route)) > classlessRoutesBytesMax)
  return optionValue.routes(end < 0 ? routes : routes.slice(0, end))
}

/** Everything that the network has to tell, in the order of sending: the mask before the router (RFC 2132, 3.3). */
export function networkOptions(state: State, network: Row<'networks'>): Options {
  const routes = machineRoutes(state, network)
  const router = routes.find(({ prefix }) => prefix === 0)?.gateway
  const dns: Server | undefined = serverOf(state, network.id, 'dns')
  const options: Options = [[dhcpOption.subnetMask, optionValue.uint32(maskOf(network.ipv4_prefix))]]
  if (router !== undefined) options.push([dhcpOption.router, optionValue.uint32(router)])
  if (dns !== undefined) options.push([dhcpOption.domainNameServer, optionValue.uint32(dns.ipv4)])
  if (network.domain_name !== '') options.push([dhcpOption.domainName, optionValue.text(network.domain_name)])
  options.push([dhcpOption.interfaceMtu, optionValue.uint16(mtuOf(network))])
  options.push([
    dhcpOption.broadcastAddress,
    optionValue.uint32(broadcastOf(network.ipv4_network, network.ipv4_prefix)),
  ])
  // A client that takes these ignores the router option, so they hold the default route too (RFC 3442).
  if (routes.length > 0) options.push([dhcpOption.classlessRoutes, classlessRoutes(routes)])
  return options
}

/** What a machine boots, as options beside the fields that say the same: some firmware reads these only. */
export const bootOptions = (boot: Boot | undefined): Options => [
  ...(boot === undefined || boot.nextServer === 0
    ? []
    : [[dhcpOption.tftpServerName, optionValue.text(formatIpv4(boot.nextServer))] as [number, Uint8Array]]),
  ...(boot === undefined || boot.file === ''
    ? []
    : [[dhcpOption.bootFile, optionValue.text(boot.file)] as [number, Uint8Array]]),
]

/** What its network calls the machine: for those who ask for a name. Others have one, and keep it. */
export function nameOption(name: string | undefined, list: Uint8Array | undefined): Options {
  return name === undefined || list?.includes(dhcpOption.hostName) !== true
    ? []
    : [[dhcpOption.hostName, optionValue.text(name)]]
}

/** What the client asked for, in our order; all of it when it did not say. The subnet mask always. */
export function requested(options: Options, list: Uint8Array | undefined): Options {
  return list === undefined
    ? options
    : options.filter(([code]) => code === dhcpOption.subnetMask || list.includes(code))
}
