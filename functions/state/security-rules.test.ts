import { expect, test } from 'bun:test'
import { describe as explain, parseIpv4 } from 'openvnet'
import { readRules } from './security-rules.ts'

const rulesOf = (text: string) => {
  const rules = readRules(text)
  if (!rules.ok) throw new Error(explain(rules.problem))
  return rules.value
}

test('a rule a line or several with commas between them; remarks end with their line', () => {
  const text =
    'tcp:22:10.101.0.12 # ssh, from there\nicmp:-1:0.0.0.0/0,udp:53:sg-dns\r\n# none\n\n , egress:tcp:443:10.0.0.9/8'
  expect(rulesOf(text)).toMatchObject([
    {
      direction: 'ingress',
      protocol: 'tcp',
      port: 22,
      peer: { ipv4_network: parseIpv4('10.101.0.12')!, ipv4_prefix: 32 },
    },
    { direction: 'ingress', protocol: 'icmp', port: undefined, peer: { ipv4_network: 0, ipv4_prefix: 0 } },
    { direction: 'ingress', protocol: 'udp', port: 53, peer: { groupUuid: 'sg-dns' } },
    { direction: 'egress', protocol: 'tcp', port: 443, peer: { ipv4_network: 0x0a00_0000, ipv4_prefix: 8 } },
  ])
  expect(readRules(null)).toEqual({ ok: true, value: [] })
})

test('a rule may be about IPv6 addresses, in whatever way they are written', () => {
  expect(rulesOf('tcp:22:2001:DB8::1,icmp:-1:::/0\nudp:53:2001:db8:0:0:1::7/64')).toMatchObject([
    { port: 22, peer: { ipv6_network: '2001:db8::1', ipv6_prefix: 128 } },
    { protocol: 'icmp', peer: { ipv6_network: '::', ipv6_prefix: 0 } },
    { port: 53, peer: { ipv6_network: '2001:db8::', ipv6_prefix: 64 } },
  ])
})

test.each([
  ['tcp:22:2001:db8::/129', 'invalid ipv4 address or security group uuid'],
  ['tcp:22:2001:db8', 'invalid ipv4 address or security group uuid'],
  ['foo:22:1.2.3.4', "invalid protocol in rule 'foo:22:1.2.3.4'"],
  ['egress:', "invalid protocol in rule 'egress:'"],
  ['tcp:0:1.2.3.4', "invalid port in rule 'tcp:0:1.2.3.4'"],
  ['tcp:65536:1.2.3.4', 'invalid port'],
  ['udp:0x10:1.2.3.4', 'invalid port'],
  ['tcp:22', 'invalid ipv4 address or security group uuid'],
  ['tcp:22', 'tcp:22:0.0.0.0/0 for all'],
  ['tcp:80-90:0.0.0.0/0', 'there are no ranges, so one rule for each'],
  ['tcp:22:1.2.3', 'invalid ipv4 address or security group uuid'],
  ['tcp:22:1.2.3.4/33', 'invalid ipv4 address or security group uuid'],
  ['tcp:22:if-a', 'invalid ipv4 address or security group uuid'],
  ['udp:53:1.2.3.4\ntcp:22:1.2.3.4:5', "in rule 'tcp:22:1.2.3.4:5'"],
  [Array(1_001).fill('icmp:-1:sg-a').join(','), 'too many rules'],
])('%p is refused', (text, reason) => {
  expect(() => rulesOf(text)).toThrow(reason)
})
