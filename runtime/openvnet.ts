/**
 * The public module `openvnet`: all that functions see of the runtime, types and builders. An index; what it names is
 * declared where it belongs.
 */
export * from '../db/schema/words.ts'
export type {
  Change,
  Draft,
  DraftTable,
  Insert,
  Key,
  Row,
  State,
  TableName,
  TableView,
} from '../db/state/types.ts'
export * as answer from './http/answers.ts'
export * from './http/declare.ts'
export { ApiError, argumentError, type ErrorClass } from './http/errors.ts'
export * as parameter from './http/parameters.ts'
export { type ApiApp, type ApiEnvironment, serve } from './http/serve.ts'
export type { LogFields, Logger, LogLevel } from './log.ts'
export * from './openvnet/define.ts'
export * from './openvnet/effects.ts'
export type {
  EventEnvironment,
  PacketEnvironment,
  Remembered,
  ScheduleEnvironment,
  SwitchReports,
  TaskEnvironment,
} from './openvnet/environment.ts'
export * from './openvnet/events.ts'
export * from './openvnet/packet.ts'
export * from './packet/address.ts'
export * from './packet/arp.ts'
export * from './packet/dhcp.ts'
export * from './packet/dhcpv6.ts'
export * from './packet/dns/answer.ts'
export * from './packet/dns/constants.ts'
export * from './packet/dns/forward.ts'
export * from './packet/dns/names.ts'
export * from './packet/dns/query.ts'
export * from './packet/ethernet.ts'
export * from './packet/fragments.ts'
export * from './packet/icmp.ts'
export * from './packet/icmp-quote.ts'
export * from './packet/icmpv6.ts'
export * from './packet/ip.ts'
export * from './packet/ipv4.ts'
export * from './packet/ipv6.ts'
export * from './packet/ipv6-address.ts'
export * from './packet/ipv6-prefix.ts'
export * from './packet/neighbour-discovery.ts'
export * from './packet/rewrite.ts'
export * from './packet/tcp.ts'
export * from './packet/udp.ts'
export { declarePipeline, type Pipeline } from './pipeline/builder.ts'
export type { Nat } from './pipeline/conntrack.ts'
export { conntrackState } from './pipeline/conntrack-state.ts'
export { cookieOf, declareCodes } from './pipeline/cookies.ts'
export { learnedTables } from './pipeline/declare.ts'
export type {
  Action,
  Bucket,
  Flow,
  FlowFunction,
  FlowOutput,
  Group,
  Instruction,
  Match,
  MatchField,
  Meter,
  MeterBand,
  TunnelPort,
  Unit,
  UnitList,
} from './pipeline/flow.ts'
export type { NamedCode, ObjectName, PipelineNames } from './pipeline/names.ts'
export type { Beginning, Behind, Entrance, PacketFields, Wiring } from './pipeline/wiring.ts'
export { describe, failure, type Problem, type Result, success } from './problem.ts'
