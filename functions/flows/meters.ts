/** How many packets may be punted to the host: by each interface, and by a datapath in all. */
import type { Meter } from 'openvnet'

/** A DHCP client that retries at once and for ever stays below it. */
const puntsPerInterfacePerSecond = 20
const puntsPerInterfaceBurst = 40
const puntsPerDatapathPerSecond = 2_000
const puntsPerDatapathBurst = 4_000

/** A machine that looks up a name for each of its connections stays below it. */
const queriesPerInterfacePerSecond = 100
const queriesPerInterfaceBurst = 200
const queriesPerDatapathPerSecond = 2_000
const queriesPerDatapathBurst = 4_000

/** A guest that looks for others through a router is told of as many as it can use. */
const errorsPerInterfacePerSecond = 20
const errorsPerInterfaceBurst = 40
const errorsPerDatapathPerSecond = 2_000
const errorsPerDatapathBurst = 4_000

/** Above every port number of Open vSwitch, since an interface's meter has the number of its port. */
export const datapathMeterId = 0xffff
/** Open vSwitch's own number of the LOCAL port, which OpenFlow 1.3 calls 0xfffffffe. */
const localPort16Bits = 0xfffe

const dropAbove = (meter_id: number, rate: number, burst_size: number): Meter => ({
  meter_id,
  flags: ['OFPMF_PKTPS', 'OFPMF_BURST'],
  bands: [{ type: 'OFPMBT_DROP', rate, burst_size }],
})

/** A port as 16 bits, which is what registers hold and outputs from registers take. */
export const shortPort = (port: number) => Math.min(port, localPort16Bits)

export const datapathMeter = dropAbove(datapathMeterId, puntsPerDatapathPerSecond, puntsPerDatapathBurst)
export const interfaceMeter = (port: number) =>
  dropAbove(shortPort(port), puntsPerInterfacePerSecond, puntsPerInterfaceBurst)

/** Meters for DNS, apart from the others: who asks for names without end keeps nobody from DHCP, not even itself. */
const dnsMeters = 0x2_0000
export const datapathDnsMeterId = dnsMeters + datapathMeterId
export const datapathDnsMeter = dropAbove(
  datapathDnsMeterId,
  queriesPerDatapathPerSecond,
  queriesPerDatapathBurst,
)
export const interfaceDnsMeter = (port: number) =>
  dropAbove(dnsMeters + shortPort(port), queriesPerInterfacePerSecond, queriesPerInterfaceBurst)

/** Meters for ICMP errors, apart from the others: who scans through a router keeps nobody from DHCP, not even itself. */
const icmpMeters = 0x1_0000
export const datapathIcmpMeterId = icmpMeters + datapathMeterId
export const datapathIcmpMeter = dropAbove(
  datapathIcmpMeterId,
  errorsPerDatapathPerSecond,
  errorsPerDatapathBurst,
)
export const interfaceIcmpMeter = (port: number) =>
  dropAbove(icmpMeters + shortPort(port), errorsPerInterfacePerSecond, errorsPerInterfaceBurst)

/** What members of load balancers may answer to checks on a datapath. */
const checksPerSecond = 500
const checksBurst = 500
export const healthMeterId = 0x59_0000
export const healthMeter = dropAbove(healthMeterId, checksPerSecond, checksBurst)

/** Connections whose rule has gone: as many as may be forgotten on a datapath. */
const endedPerSecond = 200
const endedBurst = 400
export const endedMeterId = 0x68_0000
export const endedMeter = dropAbove(endedMeterId, endedPerSecond, endedBurst)

/** Meters for ICMP errors that quote what was translated, apart from the others. */
const translationMeters = 0x58_0000
export const datapathTranslationMeterId = translationMeters + datapathMeterId
export const datapathTranslationMeter = dropAbove(
  datapathTranslationMeterId,
  errorsPerDatapathPerSecond,
  errorsPerDatapathBurst,
)
export const interfaceTranslationMeter = (port: number) =>
  dropAbove(translationMeters + shortPort(port), errorsPerInterfacePerSecond, errorsPerInterfaceBurst)

/** Packets whose next hop is to be asked for, apart from the others: who scans a physical network keeps nobody from anything. */
const neighbourMeters = 0x50_0000
const questionsPerInterfacePerSecond = 20
const questionsPerInterfaceBurst = 40
const questionsPerDatapathPerSecond = 2_000
const questionsPerDatapathBurst = 4_000
export const datapathNeighbourMeterId = neighbourMeters + datapathMeterId
export const datapathNeighbourMeter = dropAbove(
  datapathNeighbourMeterId,
  questionsPerDatapathPerSecond,
  questionsPerDatapathBurst,
)
export const interfaceNeighbourMeter = (port: number) =>
  dropAbove(neighbourMeters + shortPort(port), questionsPerInterfacePerSecond, questionsPerInterfaceBurst)

/** What other datapaths send here for next hops: of all of them together, under a port number that no port has. */
const questionsOfPeersPerSecond = 500
const questionsOfPeersBurst = 1_000
export const peersNeighbourMeter = dropAbove(
  neighbourMeters,
  questionsOfPeersPerSecond,
  questionsOfPeersBurst,
)

/** Machines that say by ARP that they have an address now: one that moves back and forth costs little more than one that stays. */
const claimMeters = 0x53_0000
const claimsPerInterfacePerSecond = 2
const claimsPerInterfaceBurst = 10
export const claimMeter = (port: number) =>
  dropAbove(claimMeters + shortPort(port), claimsPerInterfacePerSecond, claimsPerInterfaceBurst)

/**
 * What is told of packets that no rule lets pass: of each interface enough to see who tries, whoever knocks at another
 * without end; and no more than somebody reads.
 */
const deniedMeters = 0x20_0000
const deniedPerInterfacePerSecond = 5
const deniedPerInterfaceBurst = 20
const deniedPerDatapathPerSecond = 200
const deniedPerDatapathBurst = 400
export const datapathDeniedMeterId = deniedMeters + datapathMeterId
export const datapathDeniedMeter = dropAbove(
  datapathDeniedMeterId,
  deniedPerDatapathPerSecond,
  deniedPerDatapathBurst,
)
export const interfaceDeniedMeter = (port: number) =>
  dropAbove(deniedMeters + shortPort(port), deniedPerInterfacePerSecond, deniedPerInterfaceBurst)

/** Copies of packets to next hops that are to be asked for again. */
const refreshesPerSecond = 200
const refreshesBurst = 200
export const refreshMeterId = 0x52_0000
export const refreshMeter = dropAbove(refreshMeterId, refreshesPerSecond, refreshesBurst)

/** A machine that begins to talk to many others at once stays below it; a switch's table that was emptied fills up again in time. */
const unknownPerInterfacePerSecond = 200
const unknownPerInterfaceBurst = 400
/** Meters for frames to addresses that nobody knows, apart from the others. */
const unknownMeters = 0x38_0000
export const interfaceUnknownMeter = (port: number) =>
  dropAbove(unknownMeters + shortPort(port), unknownPerInterfacePerSecond, unknownPerInterfaceBurst)
