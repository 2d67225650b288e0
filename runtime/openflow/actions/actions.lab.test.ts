/** Actions that `ovs-ofctl` reads but does not write over OpenFlow 1.3: what we write must mean to it what we mean. */
import { expect, test } from 'bun:test'
import { type Action, encode } from '../index.ts'
import { print } from '../testing/ofctl.ts'

const wholeRegister = { offset: 0, n_bits: 32 }

const actions: [string, Action][] = [
  ['resubmit:5', { type: 'NXAST_RESUBMIT', in_port: 5 }],
  ['set_tunnel:0x7', { type: 'NXAST_SET_TUNNEL', tun_id: 7 }],
  ['set_tunnel64:0x700000007', { type: 'NXAST_SET_TUNNEL64', tun_id: 0x700000007n }],
  ['output:NXM_NX_REG0[]', { type: 'NXAST_OUTPUT_REG2', ofs_nbits: wholeRegister, max_len: 9, src: 'reg0' }],
  [
    'output:NXOXM_NSH_C2[]',
    { type: 'NXAST_OUTPUT_REG2', ofs_nbits: wholeRegister, max_len: 9, src: 'nsh_c2' },
  ],
  ['load:0x5->NXM_NX_REG3[]', { type: 'NXAST_REG_LOAD', ofs_nbits: wholeRegister, dst: 'reg3', value: 5n }],
  ['set_field:0x5/0xf->reg3', { type: 'NXAST_REG_LOAD2', field: { field: 'reg3', value: 5, mask: 15 } }],
  [
    'move:OXM_OF_METADATA[0..7]->NXOXM_NSH_SPI[8..15]',
    { type: 'NXAST_REG_MOVE', n_bits: 8, src_ofs: 0, dst_ofs: 8, src: 'metadata', dst: 'nsh_spi' },
  ],
  [
    'move:NXM_NX_REG0[]->NXM_NX_REG1[]',
    { type: 'ONFACT_COPY_FIELD', n_bits: 32, src_offset: 0, dst_offset: 0, src: 'reg0', dst: 'reg1' },
  ],
  ['pop:NXOXM_NSH_C1[]', { type: 'NXAST_STACK_POP', offset: 0, field: 'nsh_c1', n_bits: 32 }],
  ['dec_ttl(1,2)', { type: 'NXAST_DEC_TTL_CNT_IDS', cnt_ids: [1, 2] }],
  ['mod_nw_src:192.0.2.1', { type: 'OFPAT_SET_NW_SRC', nw_addr: '192.0.2.1' }],
  ['mod_dl_dst:00:53:00:00:00:01', { type: 'OFPAT_SET_DL_DST', dl_addr: '00:53:00:00:00:01' }],
  ['set_vlan_pcp:3', { type: 'OFPAT_SET_VLAN_PCP', vlan_pcp: 3 }],
  ['set_mpls_tc(3)', { type: 'OFPAT_SET_MPLS_TC', mpls_tc: 3 }],
  ['push_mpls:0x8847', { type: 'OFPAT_PUSH_MPLS', ethertype: 0x8847 }],
  ['set_queue:9', { type: 'OFPAT_SET_QUEUE', queue_id: 9 }],
  ['group:3', { type: 'OFPAT_GROUP', group_id: 3 }],
]

test.each(actions)('%s', async (text, action) => {
  const printed = await print(
    encode({
      version: 4,
      type: 'OFPT_PACKET_OUT',
      xid: 1,
      buffer_id: 'OFP_NO_BUFFER',
      in_port: 1,
      actions: [action],
      data: new Uint8Array(0),
    }),
  )
  expect(printed).toContain(`actions=${text} data_len=0`)
})
