/** Where things are in the messages that are compared byte by byte. OpenFlow 1.3.5, sections 7.2.3, 7.3.4 and 7.3.5. */

/** A flow_mod and an entry of a flow description have their match, and after it their instructions, at the same place. */
export const matchOffset = 48

export const flowMod = {
  cookie: 8,
  table: 24,
  command: 25,
  idleTimeout: 26,
  hardTimeout: 28,
  priority: 30,
  outPort: 36,
  outGroup: 40,
  flags: 44,
} as const
export const flowStats = {
  length: 0,
  table: 2,
  priority: 12,
  idleTimeout: 14,
  hardTimeout: 16,
  flags: 18,
  cookie: 24,
  seconds: 4,
  packets: 32,
  byteCount: 40,
} as const
export const groupMod = { command: 8, type: 10, groupId: 12, buckets: 16 } as const
export const groupDesc = { length: 0, type: 2, groupId: 4, buckets: 8 } as const
export const meterMod = { command: 8, flags: 10, meterId: 12, bands: 16 } as const
export const meterConfig = { length: 0, flags: 2, meterId: 4, bands: 8 } as const

/** OFPFC_*, OFPGC_*, OFPMC_*: what a modification does. */
export const flowCommand = { add: 0, deleteStrict: 4 } as const
export const groupCommand = { add: 0, modify: 1, delete: 2 } as const
export const meterCommand = { add: 0, modify: 1, delete: 2 } as const

export const roundUp8 = (length: number): number => (length + 7) & ~7

/** Big-endian numbers in place. */
export {
  putU16 as setU16,
  putU32 as setU32,
  u16At as u16,
  u32At as u32,
} from '../../openflow/channel/header.ts'
