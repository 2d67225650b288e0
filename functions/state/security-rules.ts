/**
 * The rules of a security group, as text: `protocol:port:peer`, one a line or several with commas between them; with
 * `egress:` in front, of what its interfaces may send. What follows `#` is a remark, to the end of its line.
 */
import {
  failure,
  ipv6NetworkOf,
  maskOf,
  type Problem,
  parseIpv4,
  parseIpv6,
  type Result,
  success,
} from 'openvnet'

const ruleProtocols = ['icmp', 'tcp', 'udp'] as const

/** Whom a rule is about: a network, or the members of a group. */
export type Peer =
  | { readonly ipv4_network: number; readonly ipv4_prefix: number }
  | { readonly ipv6_network: string; readonly ipv6_prefix: number }
  | { readonly groupUuid: string }

export interface Rule {
  readonly direction: 'ingress' | 'egress'
  readonly protocol: (typeof ruleProtocols)[number]
  /** Of the side that is asked, 1 to 65535; undefined for ICMP, which has none. */
  readonly port: number | undefined
  readonly peer: Peer
  /** As it was written. */
  readonly text: string
}

/** Rules of one group. */
const rulesMax = 1_000
const portMax = 65_535
const groupUuid = /^sg-\w+$/
const network = /^(?<address>[\d.]+)(?:\/(?<prefix>\d|[12]\d|3[0-2]))?$/

const ipv6Network = /^(?<address>[\da-f:.]+)(?:\/(?<prefix>\d{1,2}|1[01]\d|12[0-8]))?$/i

const refuse = (what: string, text: string, expected: string): Result<never> =>
  failure({ what: `${what} in rule '${text}'`, where: 'rules', expected })

function ipv6PeerOf(text: string): Peer | undefined {
  const { address = '', prefix = '128' } = ipv6Network.exec(text)?.groups ?? {}
  if (parseIpv6(address) === null) return undefined
  const ipv6_prefix = Number(prefix)
  return { ipv6_network: ipv6NetworkOf(address, ipv6_prefix), ipv6_prefix }
}

function peerOf(text: string): Peer | undefined {
  if (groupUuid.test(text)) return { groupUuid: text }
  const { address = '', prefix = '32' } = network.exec(text)?.groups ?? {}
  const value = parseIpv4(address)
  if (value === null) return ipv6PeerOf(text)
  const ipv4_prefix = Number(prefix)
  return { ipv4_network: (value & maskOf(ipv4_prefix)) >>> 0, ipv4_prefix }
}

function portOf(text: string): number | undefined {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0
  return port >= 1 && port <= portMax ? port : undefined
}

function readRule(text: string): Result<Rule> {
  const parts = text.split(':').map((part) => part.trim())
  const direction = parts[0] === 'egress' ? 'egress' : 'ingress'
  const [protocolText = '', portText = '', ...rest] = direction === 'egress' ? parts.slice(1) : parts
  const protocol = ruleProtocols.find((one) => one === protocolText)
  if (protocol === undefined) return refuse('invalid protocol', text, ruleProtocols.join(', '))
  const port = portOf(portText)
  if (/^\d+-\d+$/.test(portText))
    return refuse('invalid port', text, 'one port: there are no ranges, so one rule for each')
  if (protocol !== 'icmp' && port === undefined) return refuse('invalid port', text, `1 to ${portMax}`)
  const peer = peerOf(rest.join(':'))
  if (peer === undefined)
    return refuse(
      'invalid ipv4 address or security group uuid',
      text,
      rest.length === 0
        ? `it behind the port: ${text}:0.0.0.0/0 for all`
        : 'a.b.c.d, a.b.c.d/n, an IPv6 address or network, or sg-…',
    )
  return success({ direction, protocol, port: protocol === 'icmp' ? undefined : port, peer, text })
}

/** The texts of single rules. */
const split = (text: string): string[] =>
  text
    .split(/\r?\n/)
    .flatMap((line) => line.replace(/#.*/, '').split(','))
    .map((rule) => rule.trim())
    .filter((rule) => rule !== '')

/** All rules, or what is wrong with the first that is none. */
export function readRules(text: string | null): Result<readonly Rule[]> {
  const texts = split(text ?? '')
  if (texts.length > rulesMax) return failure(tooMany(texts.length))
  const rules: Rule[] = []
  for (const one of texts) {
    const rule = readRule(one)
    if (!rule.ok) return rule
    rules.push(rule.value)
  }
  return success(rules)
}

const tooMany = (count: number): Problem => ({
  what: 'too many rules in one group',
  where: 'rules',
  expected: `${rulesMax} at most`,
  received: `${count}`,
})
