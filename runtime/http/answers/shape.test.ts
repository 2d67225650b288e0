import { expect, test } from 'bun:test'
import { StateView } from '../../../db/state/view.ts'
import { again, from, list, nullable, optional } from './field.ts'
import { nothing, orNothing, shape } from './shape.ts'
import { TimeTexts } from './time-texts.ts'
import { alwaysNull, flag, id, ipv4, oneOf, text, time } from './values.ts'

const showing = { state: new StateView(), times: new TimeTexts() }

const address = shape('Address', 'An address.', { ipv4_address: ipv4('the address') })
interface Row {
  readonly addresses: readonly { readonly ipv4_address: number }[]
  readonly nickname?: string
}
const machine = shape('Machine', 'A machine.', {
  id: id('its number'),
  mode: oneOf(['vif', 'host'], 'what it is'),
  made_at: time('when it was made'),
  deleted_at: alwaysNull('never'),
  owner: nullable(text('whose it is')),
  addresses: from(list(address), (row: Row) => row.addresses),
  nickname: from(optional(text('another name')), (row: Row) => row.nickname),
  first: again(
    optional(address),
    (before: { readonly addresses: readonly { readonly ipv4_address: string }[] }) => before.addresses[0],
  ),
})
const row = { id: 7, mode: 'vif', made_at: 0, owner: null, addresses: [{ ipv4_address: 1 }] } as const

test('fields are answered in the order of their declaration, and nothing but them', () => {
  expect(JSON.stringify(machine.show({ ...row, secret: 'x' } as typeof row, showing))).toBe(
    '{"id":7,"mode":"vif","made_at":"1970-01-01 00:00:00 UTC","deleted_at":null,"owner":null,' +
      '"addresses":[{"ipv4_address":"0.0.0.1"}],"first":{"ipv4_address":"0.0.0.1"}}',
  )
})

test('a field without a value is null or left out, as declared', () => {
  const answer = machine.show({ ...row, addresses: [], nickname: 'n', owner: 'o' }, showing)
  expect(Object.keys(answer)).toEqual([
    'id',
    'mode',
    'made_at',
    'deleted_at',
    'owner',
    'addresses',
    'nickname',
  ])
  expect([answer.owner, answer.nickname]).toEqual(['o', 'n'])
})

test('where there is nothing to show, an empty object is answered', () => {
  expect(orNothing(machine).show(undefined, showing)).toEqual({})
  expect(nothing.show({}, showing)).toEqual({})
})

test('what does not fit together does not compile', () => {
  // @ts-expect-error: the row has no addresses
  expect(() => machine.show({ id: 7, mode: 'vif', made_at: 0, owner: null }, showing)).toThrow()
  // @ts-expect-error: the state may have a mode that is not declared
  machine.show({ ...row, mode: 'edge' }, showing)
  // @ts-expect-error: a text is no flag
  from(flag('a flag'), () => 'yes')
  const said = again(text('said again'), (before: { readonly name: string }) => before.name)
  // @ts-expect-error: no field before has a name
  shape('Unnamed', 'Says again what is not said.', { id: id('its number'), name_again: said })
  const { name_again } = shape('Named', 'Says it twice.', { name: text('a name'), name_again: said }).show(
    { name: 'x' },
    showing,
  )
  expect(name_again).toBe('x')
})
