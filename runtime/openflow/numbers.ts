/** Numbers with reserved values that have names (OpenFlow 1.3.5, §7.2.1, §7.3.4, §7.4). */
import { names, u8, u16, u32 } from '../wire/index.ts'

const reserved = (base: number) => ({
  OFPP_IN_PORT: base + 0xf8,
  OFPP_TABLE: base + 0xf9,
  OFPP_NORMAL: base + 0xfa,
  OFPP_FLOOD: base + 0xfb,
  OFPP_ALL: base + 0xfc,
  OFPP_CONTROLLER: base + 0xfd,
  OFPP_LOCAL: base + 0xfe,
  OFPP_ANY: base + 0xff,
})
type ReservedPorts = {
  readonly [Name in
    | 'OFPP_IN_PORT'
    | 'OFPP_TABLE'
    | 'OFPP_NORMAL'
    | 'OFPP_FLOOD'
    | 'OFPP_ALL'
    | 'OFPP_CONTROLLER'
    | 'OFPP_LOCAL'
    | 'OFPP_ANY']: number
}

/** A port number, or the name of a reserved port. */
export const port = names(u32, reserved(0xffffff00) as ReservedPorts)
/** The 16-bit port numbers of OpenFlow 1.0, which Nicira's extensions use. */
export const port16 = names(u16, reserved(0xff00) as ReservedPorts)

export const table = names(u8, { OFPTT_ALL: 0xff })
export const group = names(u32, { OFPG_ALL: 0xfffffffc, OFPG_ANY: 0xffffffff })
export const meter = names(u32, {
  OFPM_SLOWPATH: 0xfffffffd,
  OFPM_CONTROLLER: 0xfffffffe,
  OFPM_ALL: 0xffffffff,
})
export const queue = names(u32, { OFPQ_ALL: 0xffffffff })
export const buffer = names(u32, { OFP_NO_BUFFER: 0xffffffff })
export const maxLen = names(u16, { OFPCML_MAX: 0xffe5, OFPCML_NO_BUFFER: 0xffff })

/** Who defines an extension. */
export const experimenters = {
  nicira: 0x00002320,
  onf: 0x4f4e4600,
  netronome: 0x0000154d,
  intel: 0x0000aa01,
  nsh: 0x005ad650,
} as const
