/** A port number of a switch, or the specification's name of a reserved one (`OFPP_FLOOD`, `OFPP_IN_PORT`, …). */
export type Port = number | ReservedPort
export type ReservedPort = keyof typeof reservedPorts

/** OpenFlow 1.3.5, 7.2.1 `ofp_port_no`. */
export const reservedPorts = {
  OFPP_IN_PORT: 0xffff_fff8,
  OFPP_TABLE: 0xffff_fff9,
  OFPP_NORMAL: 0xffff_fffa,
  OFPP_FLOOD: 0xffff_fffb,
  OFPP_ALL: 0xffff_fffc,
  OFPP_CONTROLLER: 0xffff_fffd,
  OFPP_LOCAL: 0xffff_fffe,
} as const

/** The bridge's own port, which leads to the host. */
export const localPort = reservedPorts.OFPP_LOCAL

/** `bufferId` of a packet that the switch has not kept (OpenFlow 1.3.5, 7.2.6 `OFP_NO_BUFFER`). */
export const noBuffer = 0xffff_ffff

/** A connection, by its first packet, as connection tracking knows it in a zone. IPv4; without ports the ports are 0. */
export interface Connection {
  readonly zone: number
  readonly protocol: number
  readonly source: number
  readonly destination: number
  readonly sourcePort: number
  readonly destinationPort: number
}

/**
 * A packet that a switch punted, read in place: nothing is decoded until it is asked for. Valid only during the call
 * that it was handed to; copy (`frame()`) what must outlive it.
 */
export interface PacketIn {
  /** The datapath id of the switch, `0x` and 16 hexadecimal digits. */
  readonly dpid: string
  /** The punt point's code: the upper 16 bits of the cookie. */
  readonly puntCode: number
  /** The object that the flow was made for: the lower 48 bits of the cookie. */
  readonly objectId: number
  readonly inPort: number
  /** `noBuffer`, or where the switch keeps the packet. */
  readonly bufferId: number
  /** Why it was punted (OpenFlow 1.3.5, 7.4.1 `ofp_packet_in_reason`). */
  readonly reason: number
  readonly tableId: number
  /** What the pipeline had written when it punted; 0 where nothing was. */
  readonly tunnelId: bigint
  readonly metadata: bigint
  /** Register 0 to 15. */
  register(number: number): number
  /** Null: tracking has not taken it for one of a connection of IPv4. */
  connection(): Connection | null

  /** Bytes of the frame in this message; the switch may have cut it. */
  readonly length: number
  /** Big-endian numbers at an offset within the frame; 0 where the frame ends before. */
  u8(at: number): number
  u16(at: number): number
  u32(at: number): number
  u48(at: number): number
  /** A copy of the frame: the bytes that came lie beside those of other packets, and are nobody's to write to. */
  frame(): Uint8Array
}
