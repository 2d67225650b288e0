import { expect, test } from 'bun:test'
import { replacePlaceholders } from './placeholders.ts'
import { parseTarget } from './target.ts'

test.each([
  ['/api/1.0/networks.yml?a=1', { path: '/networks', representation: 'yaml', query: 'a=1' }],
  ['/api/networks.json', { path: '/networks', representation: 'json', query: '' }],
  ['/api/1.0/networks.xml', { path: '/networks', representation: 'json', query: '' }],
  ['/api/1.0/networks', { path: '/networks', representation: 'json', query: '' }],
  ['/api/1.0', { path: '/', representation: 'json', query: '' }],
  ['/api/1.0/a.b/c', { path: '/a.b/c', representation: 'json', query: '' }],
  ['/api/1.0/networks/nw-a.yml?', { path: '/networks/nw-a', representation: 'yaml', query: '' }],
  ['/api/1.0/a?b=/c.yml', { path: '/a', representation: 'json', query: 'b=/c.yml' }],
] as const)('%s', (target, expected) => {
  expect(parseTarget(target)).toEqual(expected)
})

test.each(['/', '/apis', '/api1.0', '/v2/api', ''])('%p is not of the API', (target) => {
  expect(parseTarget(target)).toBeUndefined()
})

test('ids replace placeholders, in numbers only', () => {
  const ids = { '-1000000000001': 7, '-1000000000012': 8 }
  const body =
    '{"id":-1000000000001,"a":[-1000000000012,-1000000000099],"b":"-1000000000001 \\" -1000000000001","c":-5}'
  expect(replacePlaceholders(body, ids)).toBe(
    '{"id":7,"a":[8,-1000000000099],"b":"-1000000000001 \\" -1000000000001","c":-5}',
  )
  const yaml = "---\n:id: -1000000000001\n:name: '-1000000000001, it''s -1000000000012'\n- -1000000000012\n"
  expect(replacePlaceholders(yaml, ids)).toBe(
    "---\n:id: 7\n:name: '-1000000000001, it''s -1000000000012'\n- 8\n",
  )
})
