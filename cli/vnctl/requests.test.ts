import { expect, test } from 'bun:test'
import { originalClient } from '../../functions/api/original-client.ts'
import { resources } from '../../functions/api/resources.ts'
import type { Resource } from '../../runtime/http/declare.ts'
import { allOptions, interpret } from './command.ts'
import { commands } from './grammar.ts'
import { parseOptions } from './options.ts'
import { kindOf } from './requests.ts'
import { shellWords } from './shell-words.ts'
import { UsageError } from './usage-error.ts'

const requestsOf = (line: string) => interpret(parseOptions(shellWords(line), allOptions)).requests

/** As the original writes it: the suffix, and a question mark more often than needed. */
const comparable = (request: string) => {
  const [method, target = ''] = request.split(' ')
  const [path, query] = target.replace('.yml', '').split('?')
  return { method, path, parameters: Object.fromEntries(new URLSearchParams(query)) }
}

test.each(originalClient.map(([command, ...requests]) => [command, requests] as const))(
  '%s',
  (command, requests) => {
    expect(requestsOf(command)).toEqual(requests.map(comparable) as never)
  },
)

test('every operation of the API has its command, with every parameter as an option', () => {
  for (const { path, operations } of resources as readonly Resource[])
    for (const operation of Object.values(operations)) {
      const at = `${path}${operation.path === '/' ? '' : operation.path}`
      const form = commands
        .flatMap(({ forms }) => forms)
        .find((one) => one.method === operation.method && one.path === at)
      expect([at, form?.ids]).toEqual([at, Object.keys(operation.keys)])
      for (const [name, schema] of Object.entries(operation.parameters))
        expect([at, name, allOptions[name]]).toEqual([at, name, kindOf(schema)])
    }
})

test('no two commands have the same words', () => {
  const names = commands.map(({ words }) => words.join(' '))
  expect(new Set(names).size).toBe(names.length)
})

test.each([
  ['network show', 'did you mean networks?'],
  ['networks shw', 'did you mean show?'],
  ['networks', 'what?'],
  ['interfaces ports', 'what?'],
  ['', 'what?'],
  ['networks add', 'missing: --ipv4-network'],
  ['networks add --ipv4-netwrk 1', 'did you mean --ipv4-network?'],
  ['networks del', 'usage: vnctl networks del UUID'],
  ['networks modify a b', 'usage: vnctl networks modify UUID'],
  ['networks modify nw-a --dpid 1', 'has no option --dpid'],
  ['networks add --ipv4-network', 'needs a value'],
  ['networks add --no-ipv4-network x', 'unknown option'],
  ['interfaces ports del if-a', '--all'],
  ['networks show -x', 'unknown option -x'],
])('%p: %p', (line, message) => {
  expect(() => requestsOf(line)).toThrow(UsageError)
  expect(() => requestsOf(line)).toThrow(message)
})

test('ports are deleted by what they have, or all of them', () => {
  const path = '/interfaces/if-a/ports'
  expect(requestsOf('interfaces ports del if-a --port-name x')).toEqual([
    { method: 'DELETE', path, parameters: { port_name: 'x' } },
  ])
  expect(requestsOf('interfaces ports del if-a --all')).toEqual([{ method: 'DELETE', path, parameters: {} }])
})

test('options may stand anywhere, with = too; after -- nothing is one', () => {
  const expected = [{ method: 'PUT', path: '/networks/nw-a', parameters: { display_name: '-x y' } }]
  expect(requestsOf("--display-name='-x y' networks modify nw-a")).toEqual(expected)
  expect(requestsOf("networks --display_name '-x y' modify nw-a")).toEqual(expected)
  expect(requestsOf('networks show -- --odd')).toMatchObject([{ path: '/networks/--odd' }])
})

test('ids cannot leave their place in the path', () => {
  expect(requestsOf('networks show ../datapaths?a=b')).toMatchObject([
    { path: '/networks/..%2Fdatapaths%3Fa%3Db' },
  ])
})

test.each([
  ['a "b c" \'d e\'', ['a', 'b c', 'd e']],
  ['a\\ b "c\\"d" \'e\'f', ['a b', 'c"d', 'ef']],
  ['  # nothing', []],
  ['a # b', ['a']],
  ['a#b ""', ['a#b', '']],
])('words of %p', (line, words) => {
  expect(shellWords(line)).toEqual(words)
})

test('a quote that is not closed is an error', () => {
  expect(() => shellWords('a "b')).toThrow(UsageError)
})
