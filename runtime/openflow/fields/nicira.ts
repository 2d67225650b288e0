/** NXM classes 0 and 1. Fields that OXM has too are named `nxm_…`, since the header on the wire is another one. */
import { ipv4, ipv6, mac, rest, u8, u16, u32, u64, u128 } from '../../wire/index.ts'
import { port16 } from '../numbers.ts'
import { connectionState, fragment, tcpFlags, tunnelFlags } from './bits.ts'

/** Class 0: what OpenFlow 1.0 could match. */
export const nxm0 = {
  nxm_of_in_port: [0, port16],
  nxm_of_eth_dst: [1, mac],
  nxm_of_eth_src: [2, mac],
  nxm_of_eth_type: [3, u16],
  vlan_tci: [4, u16],
  nw_tos: [5, u8],
  nxm_of_ip_proto: [6, u8],
  nxm_of_ip_src: [7, ipv4],
  nxm_of_ip_dst: [8, ipv4],
  nxm_of_tcp_src: [9, u16],
  nxm_of_tcp_dst: [10, u16],
  nxm_of_udp_src: [11, u16],
  nxm_of_udp_dst: [12, u16],
  nxm_of_icmp_type: [13, u8],
  nxm_of_icmp_code: [14, u8],
  nxm_of_arp_op: [15, u16],
  nxm_of_arp_spa: [16, ipv4],
  nxm_of_arp_tpa: [17, ipv4],
} as const

/** Class 1: Nicira's extensions. */
export const nxm1 = {
  reg0: [0, u32],
  reg1: [1, u32],
  reg2: [2, u32],
  reg3: [3, u32],
  reg4: [4, u32],
  reg5: [5, u32],
  reg6: [6, u32],
  reg7: [7, u32],
  reg8: [8, u32],
  reg9: [9, u32],
  reg10: [10, u32],
  reg11: [11, u32],
  reg12: [12, u32],
  reg13: [13, u32],
  reg14: [14, u32],
  reg15: [15, u32],
  nxm_nx_tun_id: [16, u64],
  nxm_nx_arp_sha: [17, mac],
  nxm_nx_arp_tha: [18, mac],
  nxm_nx_ipv6_src: [19, ipv6],
  nxm_nx_ipv6_dst: [20, ipv6],
  nxm_nx_icmpv6_type: [21, u8],
  nxm_nx_icmpv6_code: [22, u8],
  nxm_nx_nd_target: [23, ipv6],
  nxm_nx_nd_sll: [24, mac],
  nxm_nx_nd_tll: [25, mac],
  ip_frag: [26, fragment],
  nxm_nx_ipv6_label: [27, u32],
  nxm_nx_ip_ecn: [28, u8],
  nw_ttl: [29, u8],
  mpls_ttl: [30, u8],
  tun_src: [31, ipv4],
  tun_dst: [32, ipv4],
  pkt_mark: [33, u32],
  nxm_nx_tcp_flags: [34, tcpFlags],
  dp_hash: [35, u32],
  recirc_id: [36, u32],
  conj_id: [37, u32],
  tun_gbp_id: [38, u16],
  tun_gbp_flags: [39, u8],
  tun_flags: [104, tunnelFlags],
  ct_state: [105, connectionState],
  ct_zone: [106, u16],
  ct_mark: [107, u32],
  ct_label: [108, u128],
  tun_ipv6_src: [109, ipv6],
  tun_ipv6_dst: [110, ipv6],
  xxreg0: [111, u128],
  xxreg1: [112, u128],
  xxreg2: [113, u128],
  xxreg3: [114, u128],
  xxreg4: [115, u128],
  xxreg5: [116, u128],
  xxreg6: [117, u128],
  xxreg7: [118, u128],
  ct_nw_proto: [119, u8],
  ct_nw_src: [120, ipv4],
  ct_nw_dst: [121, ipv4],
  ct_ipv6_src: [122, ipv6],
  ct_ipv6_dst: [123, ipv6],
  ct_tp_src: [124, u16],
  ct_tp_dst: [125, u16],
} as const

/** The flow cookie as a match field shares its number with `mpls_ttl`; its length tells them apart. */
export const cookie = { nxm_nx_cookie: [30, u64] } as const

type Digit = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9
/** Tunnel options (Geneve), as many bytes as the switch's TLV table says. */
export type TunnelMetadata = Exclude<
  `tun_metadata${Digit}` | `tun_metadata${1 | 2 | 3 | 4 | 5 | 6}${Digit}`,
  `tun_metadata6${4 | 5 | 6 | 7 | 8 | 9}`
>
export const tunnelMetadata = Object.fromEntries(
  Array.from({ length: 64 }, (_, i) => [`tun_metadata${i}`, [40 + i, rest]]),
) as unknown as { readonly [Name in TunnelMetadata]: readonly [number, typeof rest] }

/** Class 0x8001: the registers as OpenFlow 1.5 has them, 64 bits each. */
export const packetRegisters = {
  xreg0: [0, u64],
  xreg1: [1, u64],
  xreg2: [2, u64],
  xreg3: [3, u64],
  xreg4: [4, u64],
  xreg5: [5, u64],
  xreg6: [6, u64],
  xreg7: [7, u64],
} as const
