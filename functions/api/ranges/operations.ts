/** Groups of ranges that addresses are given from: IP and MAC, by the same operations. */
import { answer, type Entries, operation, parameter, resource } from 'openvnet'
import { removed } from '../common/fields.ts'
import { newUuidOf, uuidOf } from '../common/models.ts'

/** One kind of ranges: its tables, its words, and what it answers. */
export interface RangeKind {
  /** `ip`: groups are `ip_range_groups`, ranges `ip_ranges`. */
  readonly word: 'ip' | 'mac'
  readonly name: 'IP' | 'MAC'
  readonly groups: 'ipRangeGroups' | 'macRangeGroups'
  readonly ranges: 'ipRanges' | 'macRanges'
  /** What begin and end of a range are: `begin_ipv4_address`. */
  readonly address: 'ipv4_address' | 'mac_address'
  readonly allocation: Entries['']
  readonly bounds: Entries
  readonly answers: {
    readonly group: answer.Shape<never, object>
    readonly range: answer.Shape<never, object>
  }
  readonly summaries: { readonly remove: string; readonly addRange: string }
}

/** The operations of groups of one kind. */
export function rangeGroups(kind: RangeKind) {
  const { word, name, groups, ranges, allocation, bounds, answers, summaries } = kind
  const keys = { uuid: uuidOf(groups) }
  /** By another name where `uuid` is the range's own; it is data, so the types do not know it. */
  const ofGroup = { [`${word}_range_group_uuid`]: keys.uuid }
  const below = `/:${word}_range_group_uuid/${word}_ranges`
  const all = `groups of ${name} ranges`
  const one = `a group of ${name} ranges`
  return resource(`${word}_range_groups`, {
    create: operation({
      ...{ method: 'POST', path: '/', summary: `Adds ${one}.`, answers: answers.group },
      parameters: { uuid: newUuidOf(groups), allocation_type: allocation },
    }),
    list: operation({
      ...{ method: 'GET', path: '/', summary: `Lists ${all}.` },
      ...{ parameters: parameter.paging, answers: answer.page(answers.group) },
    }),
    show: operation({
      ...{ method: 'GET', path: '/:uuid', summary: `Shows ${one}.`, keys, answers: answers.group },
    }),
    update: operation({
      ...{ method: 'PUT', path: '/:uuid', summary: `Changes ${one}; addresses that are leased stay.`, keys },
      ...{ parameters: { allocation_type: allocation }, answers: answers.group },
    }),
    remove: operation({
      ...{ method: 'DELETE', path: '/:uuid', summary: summaries.remove, keys, answers: removed(groups) },
    }),
    addRange: operation({
      ...{ method: 'POST', path: below, summary: summaries.addRange, keys: ofGroup },
      ...{ parameters: { uuid: newUuidOf(ranges), ...bounds }, answers: answers.range },
    }),
    listRanges: operation({
      ...{ method: 'GET', path: below, summary: 'Lists the ranges of a group.', keys: ofGroup },
      ...{ parameters: parameter.paging, answers: answer.page(answers.range) },
    }),
    removeRange: operation({
      ...{ method: 'DELETE', path: `${below}/:${word}_range_uuid`, answers: removed(ranges) },
      summary: 'Takes a range off its group; what is leased of it stays.',
      keys: { ...ofGroup, [`${word}_range_uuid`]: uuidOf(ranges) },
    }),
  })
}
