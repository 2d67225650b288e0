/** The rules of a security group as a parameter. */
import { describe, parameter } from 'openvnet'
import { readRules } from '../../state/security-rules.ts'

/** Some thousand rules with remarks, in characters. */
const rulesLengthMax = 65_536

const shorter = (text: string): parameter.Parsed<string> =>
  text.length > rulesLengthMax ? { problem: `must be at most ${rulesLengthMax} characters long` } : read(text)

function read(text: string): parameter.Parsed<string> {
  const rules = readRules(text)
  return rules.ok ? { value: text } : { problem: describe(rules.problem).replace(/^rules: /, '') }
}

export const rules = parameter.described(
  parameter.optional(parameter.parsed(shorter)),
  'what its interfaces hear beside each other: `protocol:port:source`, one a line or several with commas between them; ' +
    'icmp (with any port), tcp or udp; 1 to 65535; a.b.c.d, a.b.c.d/n, or the uuid of a security group for all its ' +
    'interfaces. `egress:protocol:port:destination` is what they may say: anything as long as there is none such. ' +
    'What follows # is a remark',
)
