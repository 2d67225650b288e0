/**
 * Match fields by class and field number (an OXM header shifted right by 9), and which of them are the same: Open
 * vSwitch answers with the OpenFlow name of a field where it has both that and a Nicira one (lib/meta-flow.h).
 */

const nicira0 = 0x0000
const nicira1 = 0x0001
const basic = 0x8000

const field = (oxmClass: number, number: number): number => oxmClass * 128 + number

/** [Nicira class, Nicira field, OpenFlow basic field]; only pairs that have the same width and meaning. */
const twins = [
  [nicira0, 1, 3], // eth_dst
  [nicira0, 2, 4], // eth_src
  [nicira0, 3, 5], // eth_type
  [nicira0, 6, 10], // ip_proto
  [nicira0, 7, 11], // ipv4_src
  [nicira0, 8, 12], // ipv4_dst
  [nicira0, 9, 13], // tcp_src
  [nicira0, 10, 14], // tcp_dst
  [nicira0, 11, 15], // udp_src
  [nicira0, 12, 16], // udp_dst
  [nicira0, 13, 19], // icmpv4_type
  [nicira0, 14, 20], // icmpv4_code
  [nicira0, 15, 21], // arp_op
  [nicira0, 16, 22], // arp_spa
  [nicira0, 17, 23], // arp_tpa
  [nicira1, 16, 38], // tunnel_id
  [nicira1, 17, 24], // arp_sha
  [nicira1, 18, 25], // arp_tha
  [nicira1, 19, 26], // ipv6_src
  [nicira1, 20, 27], // ipv6_dst
  [nicira1, 21, 29], // icmpv6_type
  [nicira1, 22, 30], // icmpv6_code
  [nicira1, 23, 31], // ipv6_nd_target
  [nicira1, 24, 32], // ipv6_nd_sll
  [nicira1, 25, 33], // ipv6_nd_tll
  [nicira1, 27, 28], // ipv6_flabel
  [nicira1, 28, 9], // ip_ecn
  [nicira1, 34, 42], // tcp_flags
] as const

const aliases = new Map<number, number>(
  twins.map(([oxmClass, number, same]) => [field(oxmClass, number), field(basic, same)]),
)

export const experimenterClass = 0xffff
const onf = 0x4f4e4600

/** One number for a field under each of its names. */
export const canonicalField = (classAndField: number): number => aliases.get(classAndField) ?? classAndField

/** The ONF's experimenter fields over 1.3 (tcp_flags, actset_output) have the numbers that 1.5 gave them. */
export const canonicalExperimenterField = (experimenter: number, number: number): number | undefined =>
  experimenter === onf ? field(basic, number) : undefined

/** Fields narrower than their bytes, by their widest mask: with it they are exact. */
const narrow = new Map<number, number>([
  [field(basic, 6), 0x1fff], // vlan_vid, with OFPVID_PRESENT
  [field(basic, 7), 0x07], // vlan_pcp
  [field(basic, 8), 0x3f], // ip_dscp
  [field(basic, 9), 0x03], // ip_ecn
  [field(basic, 28), 0x000fffff], // ipv6_flabel
  [field(basic, 34), 0x000fffff], // mpls_label
  [field(basic, 35), 0x07], // mpls_tc
  [field(basic, 36), 0x01], // mpls_bos
  [field(basic, 42), 0x0fff], // tcp_flags
])

/** The mask of all bits of a field that is narrower than its bytes. */
export const narrowMask = (classAndField: number): number | undefined => narrow.get(classAndField)
