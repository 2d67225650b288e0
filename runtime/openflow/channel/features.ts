/** OFPT_FEATURES_REPLY: which datapath this is, and which connection of it (OpenFlow 1.3.5 section 7.3.1). */
import { failure, type Result, success } from '../../problem.ts'
import { u32At } from './header.ts'

export interface Features {
  /** `0x` and 16 hexadecimal digits. */
  readonly datapathId: string
  /** PACKET_INs that the switch can hold. */
  readonly buffers: number
  readonly tables: number
  /** 0 for a main connection. */
  readonly auxiliaryId: number
  /** OFPC_* bits. */
  readonly capabilities: number
}

const featuresReplyBytes = 32
const hexadecimal = (word: number) => word.toString(16).padStart(8, '0')

/** Reads the message at bytes[offset, end). */
export function parseFeatures(bytes: Uint8Array, offset: number, end: number): Result<Features> {
  if (end - offset < featuresReplyBytes) {
    return failure({
      what: 'the message is too short',
      where: 'features_reply',
      expected: `${featuresReplyBytes} bytes`,
      received: String(end - offset),
    })
  }
  return success({
    datapathId: `0x${hexadecimal(u32At(bytes, offset + 8))}${hexadecimal(u32At(bytes, offset + 12))}`,
    buffers: u32At(bytes, offset + 16),
    tables: bytes[offset + 20]!,
    auxiliaryId: bytes[offset + 21]!,
    capabilities: u32At(bytes, offset + 24),
  })
}
