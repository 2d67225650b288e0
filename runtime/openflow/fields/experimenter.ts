/** OXM class 0xffff: fields that an experimenter defines. */
import { u8, u32 } from '../../wire/index.ts'
import { port } from '../numbers.ts'
import { tcpFlags } from './bits.ts'

/** ONF extensions 109 and 110, for OpenFlow 1.3. */
export const onf = {
  tcp_flags: [42, tcpFlags],
  actset_output: [43, port],
} as const

export const niciraExperimenter = {
  nxoxm_et_dp_hash: [0, u32],
  tun_erspan_idx: [11, u32],
  tun_erspan_ver: [12, u8],
  tun_erspan_dir: [13, u8],
  tun_erspan_hwid: [14, u8],
  tun_gtpu_flags: [15, u8],
  tun_gtpu_msgtype: [16, u8],
} as const

export const nsh = {
  nsh_flags: [1, u8],
  nsh_mdtype: [2, u8],
  nsh_np: [3, u8],
  nsh_spi: [4, u32],
  nsh_si: [5, u8],
  nsh_c1: [6, u32],
  nsh_c2: [7, u32],
  nsh_c3: [8, u32],
  nsh_c4: [9, u32],
  nsh_ttl: [10, u8],
} as const

/** Class 0x1000, Ericsson's. */
export const ericsson = {
  nd_reserved: [1, u32],
  nd_options_type: [2, u8],
} as const
