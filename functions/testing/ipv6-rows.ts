/** A network with IPv6 for tests of packet functions: a machine, a service and a router. */
import { parseIpv4, parseMac } from '../../runtime/openvnet.ts'
import type { Rows } from './state.ts'

const mac = (text: string) => parseMac(text)!
export const guestMac = mac('52:54:00:00:00:01')
export const serverMac = mac('02:00:00:00:00:02')
export const routerMac = mac('02:00:00:00:00:03')
export const guestLinkLocal = 'fe80::5054:ff:fe00:1'
export const guestAddress = '2001:db8::11'

const lease = (id: number, ipv6_address: string | null) => ({
  ...{ id, uuid: `il-${id}`, interface_id: id, mac_lease_id: id, network_id: 1, ipv4_address: 0 },
  ipv6_address,
})

export const ipv6Rows = {
  tunnelKeys: [{ id: 1, kind: 'network' }],
  networks: [
    {
      ...{
        id: 1,
        uuid: 'nw-a',
        ipv4_network: parseIpv4('10.0.0.0')!,
        mode: 'virtual',
        domain_name: 'a.example',
      },
      ...{ tunnel_key_id: 1, ipv6_network: '2001:db8::', ipv6_prefix: 64 },
    },
  ],
  interfaces: [
    { id: 1, uuid: 'if-vm', mode: 'vif' },
    { id: 2, uuid: 'if-dhcp', mode: 'simulated' },
    { id: 3, uuid: 'if-router', mode: 'simulated', enable_routing: true },
  ],
  interfaceNetworks: [
    { id: 1, interface_id: 1, network_id: 1, interface_mode: 'vif' },
    { id: 2, interface_id: 2, network_id: 1, interface_mode: 'simulated' },
    { id: 3, interface_id: 3, network_id: 1, interface_mode: 'simulated' },
  ],
  macLeases: [
    { id: 1, uuid: 'ml-1', interface_id: 1, mac_address: guestMac },
    { id: 2, uuid: 'ml-2', interface_id: 2, mac_address: serverMac },
    { id: 3, uuid: 'ml-3', interface_id: 3, mac_address: routerMac },
  ],
  ipLeases: [lease(1, guestAddress), lease(2, '2001:db8::2'), lease(3, '2001:db8::1')],
  networkServices: [
    { id: 1, uuid: 'ns-1', mode: 'dhcp', interface_id: 2 },
    { id: 2, uuid: 'ns-2', mode: 'dns', interface_id: 2 },
  ],
} as const satisfies Rows

/** The network's key in its register; above it there are other things. */
export const inNetwork =
  (key: number, mark = 0) =>
  (number: number) =>
    number === 0 ? 0xff00_0000 + key : number === 10 ? mark : 0
