/** What becomes of the addresses that a client asks for, association by association (RFC 8415, 18.3). */
import {
  addressesOfAssociation,
  containsIpv6,
  type Dhcpv6Association,
  type Dhcpv6Options,
  dhcpv6Option,
  dhcpv6OptionOf,
  dhcpv6Status,
  dhcpv6Value,
  parseAssociation,
  type State,
} from 'openvnet'
import { secondsLeft } from '../dhcp/lease.ts'
import type { Client } from './client.ts'

/**
 * How long a client may use an address without asking again, in seconds, where no lease policy says it. Long, since the
 * network outlives its controller, and so must its addresses; the state keeps them for ever.
 */
const usualS = 86_400
const renewShare = 1 / 2
const rebindShare = 4 / 5

/** A client has a few associations; more are not read. */
const associationsMax = 8

const status = (code: number, message: string): Dhcpv6Options[number] => [
  dhcpv6Option.statusCode,
  dhcpv6Value.status(code, message),
]

/** The associations of a client, as far as they can be read. */
const associationsOf = ({ message }: Client): Dhcpv6Association[] =>
  message.options
    .filter(([code]) => code === dhcpv6Option.nonTemporary)
    .slice(0, associationsMax)
    .flatMap(([, value]) => parseAssociation(value) ?? [])

const optionOf = (id: number, options: Dhcpv6Options, times: readonly [number, number] = [0, 0]) =>
  [dhcpv6Option.nonTemporary, dhcpv6Value.association(id, times, options)] as const

interface Lifetime {
  readonly address: string
  readonly validS: number
}

/** All addresses that are leased to the client go to its first association; what it names and does not have ends at once. */
function given(leases: readonly Lifetime[], association: Dhcpv6Association, isFirst: boolean) {
  const own = isFirst ? leases : []
  const leased = own.map(({ address }) => address)
  const shortest = Math.min(...own.map(({ validS }) => validS))
  const foreign = addressesOfAssociation(association).filter((address) => !leased.includes(address))
  const addresses = [
    ...own.map(({ address, validS }) => dhcpv6Value.address(address, validS, validS)),
    ...foreign.map((address) => dhcpv6Value.address(address, 0, 0)),
  ].map((value) => [dhcpv6Option.address, value] as const)
  if (leased.length > 0) {
    const times = [Math.floor(shortest * renewShare), Math.floor(shortest * rebindShare)] as const
    return optionOf(association.id, addresses, times)
  }
  return optionOf(association.id, [
    ...addresses,
    status(dhcpv6Status.noAddresses, 'no address is leased to it'),
  ])
}

/** Each association with the addresses that the client has. */
export function givenTo(client: Client, state: State, now: number): Dhcpv6Options {
  const leases = client.leases.flatMap((row) =>
    row.ipv6_address === null
      ? []
      : [{ address: row.ipv6_address, validS: secondsLeft(state, { row }, now) ?? usualS }],
  )
  return associationsOf(client).map((association, index) => given(leases, association, index === 0))
}

/** Whether the client is where it was: its addresses are of this network. Null: it named none. */
export function isOnLink(client: Client): boolean | null {
  const { ipv6_network, ipv6_prefix } = client.network
  const named = associationsOf(client).flatMap(addressesOfAssociation)
  if (named.length === 0 || ipv6_network === null || ipv6_prefix === null) return null
  return named.every((address) => containsIpv6(ipv6_network, ipv6_prefix, address))
}

/** That what the client lets go is let go; of what it does not have, that it has not (RFC 8415, 18.3.7 and 18.3.8). */
export function endedOf(client: Client): Dhcpv6Options {
  const leased = new Set(client.leases.map(({ ipv6_address }) => ipv6_address))
  const foreign = associationsOf(client).filter(
    (association) => !addressesOfAssociation(association).some((address) => leased.has(address)),
  )
  return [
    ...foreign.map(({ id }) =>
      optionOf(id, [status(dhcpv6Status.noBinding, 'no such address is leased to it')]),
    ),
    status(dhcpv6Status.success, ''),
  ]
}

/** Whether it takes a REPLY at once (RFC 8415, 18.3.1). */
export const isInHurry = ({ message }: Client): boolean =>
  dhcpv6OptionOf(message.options, dhcpv6Option.rapidCommit) !== undefined

/** What else it may have asked for and does not get: temporary addresses, prefixes (RFC 8415, 18.3.1; RFC 9915). */
export const refusedOf = ({ message }: Client): Dhcpv6Options =>
  message.options.flatMap(([code, value]): Dhcpv6Options => {
    if (code === dhcpv6Option.temporary && value.length >= 4)
      return [[code, new Uint8Array([...value.subarray(0, 4), ...noneOf(dhcpv6Status.noAddresses)])] as const]
    if (code === dhcpv6Option.prefixDelegation && value.length >= 12)
      return [
        [
          code,
          new Uint8Array([...value.subarray(0, 4), ...new Uint8Array(8), ...noneOf(dhcpv6Status.noPrefixes)]),
        ] as const,
      ]
    return []
  })

/** A status option as bytes. */
const noneOf = (code: number) => new Uint8Array([0, dhcpv6Option.statusCode, 0, 2, code >>> 8, code & 255])
