/** HELLO with its version bitmap, and the version that two of them agree on (OpenFlow 1.3.5 sections 6.3.1 and A.5.1). */
import { failure, type Result, success } from '../../problem.ts'
import {
  headerBytes,
  messageTypes,
  putU16,
  putU32,
  rawMessage,
  u16At,
  u32At,
  version13,
  versionAt,
} from './header.ts'

const elementHeaderBytes = 4
const versionBitmapElement = 1

export interface Hello {
  readonly version: number
  /** Bit N of the first word is wire version N; null where the element is missing. */
  readonly bitmap: number | null
}

/** Our HELLO: version 1.3 and nothing else. */
export function helloMessage(xid: number): Uint8Array {
  const body = new Uint8Array(8)
  putU16(body, 0, versionBitmapElement)
  putU16(body, 2, body.length)
  putU32(body, 4, 1 << version13)
  return rawMessage(messageTypes.hello, xid, body)
}

/** Reads a HELLO of any version; elements that are not known are skipped. */
export function parseHello(bytes: Uint8Array, offset: number, end: number): Result<Hello> {
  let bitmap: number | null = null
  let at = offset + headerBytes
  while (at + elementHeaderBytes <= end) {
    const type = u16At(bytes, at)
    const length = u16At(bytes, at + 2)
    if (length < elementHeaderBytes || at + length > end) {
      return failure({
        what: 'a HELLO element of impossible length',
        where: `hello, byte ${at - offset}`,
        expected: `${elementHeaderBytes} to ${end - at}`,
        received: String(length),
      })
    }
    if (type === versionBitmapElement && length >= 8) bitmap = u32At(bytes, at + elementHeaderBytes)
    at += (length + 7) & ~7
  }
  return success({ version: versionAt(bytes, offset), bitmap })
}

/** Whether we and the sender of this HELLO speak 1.3 together. The problem's text is for the switch's log as well as ours. */
export function negotiate(hello: Hello): Result<void> {
  // With two bitmaps the highest common version holds; ours has one bit, so the other must have it too.
  // Otherwise it is the smaller of the two version fields.
  const agreed = hello.bitmap === null ? hello.version >= version13 : (hello.bitmap & (1 << version13)) !== 0
  if (agreed) return success(undefined)
  return failure({
    what: 'the switch does not speak OpenFlow 1.3',
    where: 'hello',
    expected: 'OpenFlow 1.3 (wire version 4)',
    received: spoken(hello),
    hint: 'Enable OpenFlow 1.3 on the switch; in Open vSwitch: ovs-vsctl set bridge BRIDGE protocols=OpenFlow13',
  })
}

function spoken({ version, bitmap }: Hello): string {
  if (bitmap === null) return `at most wire version ${version}`
  const versions = Array.from({ length: 32 }, (_, bit) => bit).filter((bit) => (bitmap >>> bit) & 1)
  return `wire versions ${versions.join(', ') || 'none'}`
}
