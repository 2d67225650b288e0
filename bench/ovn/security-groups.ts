/** The security groups of the bench by OVN: port groups, and ACLs that remember connections. */
import { list } from '../support/big-network.ts'
import { type BigOvn, bigPortCommands, inPortions } from './big-network.ts'

type Command = readonly string[]

const addressSet = '$pg_named_ip4'

/** What members of the group hear: a port of those of the other. */
const ruleCommand = (port: number): Command => [
  ...['acl-add', 'pg_all', 'to-lport', '1002'],
  ...[`outport == @pg_all && ip4 && ip4.src == ${addressSet} && tcp.dst == ${port}`, 'allow-related'],
]

/** A group of these ports, of which some are new. */
const join = (group: string, numbers: readonly number[], fresh = numbers): Command[] => [
  ...fresh.flatMap(bigPortCommands),
  ['pg-set-ports', group, ...numbers.map((n) => `p${n}`)],
]

/** Members of both groups, and the rule that refers from one to the other; what no rule names is dropped. */
export const groupCommands = (members: number, firstNamed: number): Command[] => [
  ['pg-add', 'pg_all'],
  ['pg-add', 'pg_named'],
  ['acl-add', 'pg_all', 'to-lport', '1001', 'outport == @pg_all && ip', 'drop'],
  ['acl-add', 'pg_all', 'to-lport', '1002', 'outport == @pg_all && ip4 && icmp4', 'allow-related'],
  ruleCommand(443),
  ...join(
    'pg_named',
    list(firstNamed, members, (n) => n),
  ),
]

export async function plugMembers(ovn: BigOvn, count: number): Promise<void> {
  const numbers = list(0, count, (n) => n)
  for (const some of inPortions(numbers))
    await ovn.apply(join('pg_all', numbers.slice(0, some.at(-1)! + 1), some))
  await ovn.areUp(numbers.map((n) => `p${n}`))
}

/** One more than so many; the group's ports are set as a whole. */
export const plugMember = (ovn: BigOvn, count: number, n: number): Promise<void> =>
  ovn.apply([
    ...bigPortCommands(n),
    ['pg-set-ports', 'pg_all', ...list(0, count, (one) => `p${one}`), `p${n}`],
  ])

export const addRule = (ovn: BigOvn, port: number): Promise<void> => ovn.apply([ruleCommand(port)])
