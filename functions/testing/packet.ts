/** A punted packet for tests of packet functions. */
import type { PacketIn } from '../../runtime/openvnet.ts'

/** What a function sees of `frame`; fields that are not named are 0, and the packet is not buffered. */
export function punted(frame: Uint8Array, fields: Partial<PacketIn> = {}): PacketIn {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.length)
  const within = (at: number, size: number) => at + size <= frame.length
  return {
    dpid: '0x0000000000000001',
    puntCode: 0,
    objectId: 0,
    inPort: 1,
    bufferId: 0xffff_ffff,
    reason: 1,
    tableId: 0,
    tunnelId: 0n,
    metadata: 0n,
    register: () => 0,
    connection: () => null,
    length: frame.length,
    u8: (at) => (within(at, 1) ? view.getUint8(at) : 0),
    u16: (at) => (within(at, 2) ? view.getUint16(at) : 0),
    u32: (at) => (within(at, 4) ? view.getUint32(at) : 0),
    u48: (at) => (within(at, 6) ? view.getUint16(at) * 2 ** 32 + view.getUint32(at + 2) : 0),
    frame: () => frame.slice(),
    ...fields,
  }
}
