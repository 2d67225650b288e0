/** The two messages of the bench, and how one would write their codecs by hand, for the same values. */
import { encode, type FlowMod, type MatchField } from '../../runtime/openflow/index.ts'
import { readIpv4, readMac, writeIpv4, writeMac } from '../../runtime/wire/index.ts'

const frame = Uint8Array.from({ length: 98 }, (_, i) => i)

/** PACKET_IN with two match fields and a frame of 98 bytes. */
export const packetInBytes = encode({
  version: 4,
  type: 'OFPT_PACKET_IN',
  xid: 0,
  buffer_id: 'OFP_NO_BUFFER',
  total_len: frame.length,
  reason: 'OFPR_ACTION',
  table_id: 3,
  cookie: 0x0001000000000007n,
  match: [
    { field: 'in_port', value: 3 },
    { field: 'metadata', value: 5n },
  ],
  data: frame,
})

/** FLOW_MOD with four match fields and two instructions. */
export const flowModBytes = encode({
  version: 4,
  type: 'OFPT_FLOW_MOD',
  xid: 7,
  cookie: 0x0001000000000007n,
  cookie_mask: 0n,
  table_id: 3,
  command: 'OFPFC_ADD',
  idle_timeout: 0,
  hard_timeout: 0,
  priority: 200,
  buffer_id: 'OFP_NO_BUFFER',
  out_port: 'OFPP_ANY',
  out_group: 'OFPG_ANY',
  flags: [],
  match: [
    { field: 'in_port', value: 3 },
    { field: 'eth_dst', value: '00:53:00:00:00:01' },
    { field: 'eth_type', value: 0x0800 },
    { field: 'ipv4_dst', value: '192.0.2.1' },
  ],
  instructions: [
    { type: 'OFPIT_APPLY_ACTIONS', actions: [{ type: 'OFPAT_OUTPUT', port: 4, max_len: 0 }] },
    { type: 'OFPIT_GOTO_TABLE', table_id: 5 },
  ],
})

function handFields(b: Uint8Array, v: DataView, from: number, end: number): MatchField[] {
  const fields: MatchField[] = []
  let o = from
  while (o < end) {
    const header = v.getUint32(o)
    switch (header) {
      case 0x80000004:
        fields.push({ field: 'in_port', value: v.getUint32(o + 4) })
        break
      case 0x80000408:
        fields.push({ field: 'metadata', value: v.getBigUint64(o + 4) })
        break
      case 0x80000606:
        fields.push({ field: 'eth_dst', value: readMac(b, o + 4) })
        break
      case 0x80000a02:
        fields.push({ field: 'eth_type', value: v.getUint16(o + 4) })
        break
      case 0x80001804:
        fields.push({ field: 'ipv4_dst', value: readIpv4(b, o + 4) })
        break
      default:
        throw new Error('unexpected field')
    }
    o += 4 + (header & 0xff)
  }
  return fields
}

export function handDecodePacketIn(b: Uint8Array): unknown {
  const v = new DataView(b.buffer, b.byteOffset, b.byteLength)
  const length = v.getUint16(26)
  const data = 24 + ((length + 7) & ~7) + 2
  return {
    version: 4,
    type: 'OFPT_PACKET_IN',
    xid: v.getUint32(4),
    buffer_id: v.getUint32(8),
    total_len: v.getUint16(12),
    reason: b[14] === 1 ? 'OFPR_ACTION' : b[14],
    table_id: b[15],
    cookie: v.getBigUint64(16),
    match: handFields(b, v, 28, 24 + length),
    data: b.slice(data),
  }
}

export function handDecodeFlowMod(b: Uint8Array): unknown {
  const v = new DataView(b.buffer, b.byteOffset, b.byteLength)
  const length = v.getUint16(50)
  const instructions = []
  for (let o = 48 + ((length + 7) & ~7); o < b.length; o += v.getUint16(o + 2)) {
    if (v.getUint16(o) === 1) instructions.push({ type: 'OFPIT_GOTO_TABLE', table_id: b[o + 4] })
    else {
      const actions = []
      for (let a = o + 8; a < o + v.getUint16(o + 2); a += v.getUint16(a + 2))
        actions.push({ type: 'OFPAT_OUTPUT', port: v.getUint32(a + 4), max_len: v.getUint16(a + 8) })
      instructions.push({ type: 'OFPIT_APPLY_ACTIONS', actions })
    }
  }
  return {
    version: 4,
    type: 'OFPT_FLOW_MOD',
    xid: v.getUint32(4),
    cookie: v.getBigUint64(8),
    cookie_mask: v.getBigUint64(16),
    table_id: b[24],
    command: b[25] === 0 ? 'OFPFC_ADD' : b[25],
    idle_timeout: v.getUint16(26),
    hard_timeout: v.getUint16(28),
    priority: v.getUint16(30),
    buffer_id: v.getUint32(32),
    out_port: v.getUint32(36),
    out_group: v.getUint32(40),
    flags: v.getUint16(44) === 0 ? [] : [v.getUint16(44)],
    match: handFields(b, v, 52, 48 + length),
    instructions,
  }
}

export function handEncodeFlowMod(x: FlowMod, b: Uint8Array, v: DataView): number {
  b[0] = 4
  b[1] = 14
  v.setUint32(4, x.xid)
  v.setBigUint64(8, x.cookie)
  v.setBigUint64(16, x.cookie_mask)
  b[24] = x.table_id === 'OFPTT_ALL' ? 255 : x.table_id
  b[25] = x.command === 'OFPFC_ADD' ? 0 : 3
  v.setUint16(26, x.idle_timeout)
  v.setUint16(28, x.hard_timeout)
  v.setUint16(30, x.priority)
  v.setUint32(32, x.buffer_id === 'OFP_NO_BUFFER' ? 0xffffffff : x.buffer_id)
  v.setUint32(36, x.out_port === 'OFPP_ANY' ? 0xffffffff : 0)
  v.setUint32(40, x.out_group === 'OFPG_ANY' ? 0xffffffff : 0)
  v.setUint32(44, 0)
  let o = handWriteFields(x, b, v)
  for (const y of x.instructions) {
    if (y.type === 'OFPIT_GOTO_TABLE') {
      v.setUint32(o, 0x00010008)
      v.setUint32(o + 4, y.table_id << 24)
      o += 8
    } else if (y.type === 'OFPIT_APPLY_ACTIONS') {
      v.setUint16(o, 4)
      v.setUint32(o + 4, 0)
      let a = o + 8
      for (const action of y.actions) {
        if (action.type !== 'OFPAT_OUTPUT') throw new Error('unexpected action')
        v.setUint32(a, 0x00000010)
        v.setUint32(a + 4, action.port as number)
        v.setUint16(a + 8, action.max_len as number)
        v.setUint32(a + 10, 0)
        v.setUint16(a + 14, 0)
        a += 16
      }
      v.setUint16(o + 2, a - o)
      o = a
    }
  }
  v.setUint16(2, o)
  return o
}

function handWriteFields(x: FlowMod, b: Uint8Array, v: DataView): number {
  v.setUint16(48, 1)
  let o = 52
  for (const field of x.match) {
    switch (field.field) {
      case 'in_port':
        v.setUint32(o, 0x80000004)
        v.setUint32(o + 4, field.value as number)
        o += 8
        break
      case 'eth_dst':
        v.setUint32(o, 0x80000606)
        writeMac(b, o + 4, field.value)
        o += 10
        break
      case 'eth_type':
        v.setUint32(o, 0x80000a02)
        v.setUint16(o + 4, field.value)
        o += 6
        break
      case 'ipv4_dst':
        v.setUint32(o, 0x80001804)
        writeIpv4(b, o + 4, field.value)
        o += 8
        break
      default:
        throw new Error('unexpected field')
    }
  }
  v.setUint16(50, o - 48)
  while (o & 7) b[o++] = 0
  return o
}
