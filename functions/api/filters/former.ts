/** Rules of filters as clients of version 0.9 say them, in today's terms. */
import type { InputOf, Row } from 'openvnet'
import type { filters } from './operations.ts'

type Given = Omit<InputOf<typeof filters.operations.createStatic>, 'uuid'>
type Action = Row<'filterStatics'>['action']

type Sides = 'src_address' | 'dst_address' | 'ipv6_src_address' | 'ipv6_dst_address' | 'src_port' | 'dst_port'

export type Rule = Pick<Given, Sides> & {
  readonly protocol: Row<'filterStatics'>['protocol']
  readonly action: Action | undefined
}

/**
 * The rules that a request is about: one, but for a `port_number`. That was the port that a packet goes to in either
 * direction: to the interface's port, and to the other side's.
 */
export function rulesOf(given: Given): readonly [Rule, ...Rule[]] {
  const { protocol, ipv4_address, port_number, passthrough, ...input } = given
  const said: Action | undefined = passthrough === undefined ? undefined : passthrough ? 'pass' : 'drop'
  const rule: Rule = {
    ...input,
    protocol: protocol === 'all' ? 'ip' : protocol,
    src_address: input.src_address ?? ipv4_address,
    action: input.action ?? said,
  }
  if (port_number === undefined || input.src_port !== undefined || input.dst_port !== undefined) return [rule]
  const inward = { ...rule, dst_port: port_number }
  if (port_number === 0 || !hasPorts(rule)) return [inward]
  // What is let out to a port is answered from there: by `pass`, anything from there would come in.
  return [inward, { ...rule, src_port: port_number, action: rule.action === 'pass' ? 'conn' : rule.action }]
}

export const hasPorts = ({ protocol }: Rule) => protocol === 'tcp' || protocol === 'udp'
