import { expect, test } from 'bun:test'
import { parseTarget } from './target.ts'

test.each([
  ['/api/1.0/networks.yml?a=1', { path: '/networks', representation: 'yaml', query: 'a=1' }],
  ['/api/networks.json', { path: '/networks', representation: 'json', query: '' }],
  ['/api/1.0/networks.xml', { path: '/networks', representation: 'json', query: '' }],
  ['/api/1.0/networks', { path: '/networks', representation: 'json', query: '' }],
  ['/api/1.0', { path: '/', representation: 'json', query: '' }],
  ['/api/1.0/', { path: '/', representation: 'json', query: '' }],
  ['/api/1.0/networks/', { path: '/networks', representation: 'json', query: '' }],
  ['/api/1.0/networks/nw-a//?a=1', { path: '/networks/nw-a', representation: 'json', query: 'a=1' }],
  ['/api/1.0/networks.yml/', { path: '/networks', representation: 'yaml', query: '' }],
  ['/api/1.0/a.b/c', { path: '/a.b/c', representation: 'json', query: '' }],
  ['/api/1.0/networks/nw-a.yml?', { path: '/networks/nw-a', representation: 'yaml', query: '' }],
  ['/api/1.0/a?b=/c.yml', { path: '/a', representation: 'json', query: 'b=/c.yml' }],
] as const)('%s', (target, expected) => {
  expect(parseTarget(target)).toMatchObject(expected)
})

test('a suffix that is known asks for a representation', () => {
  const explicit = (target: string) => parseTarget(target)?.explicit
  expect(['/api/a.json', '/api/a.yml', '/api/a.xml', '/api/a'].map(explicit)).toEqual([
    true,
    true,
    false,
    false,
  ])
})

test.each(['/', '/apis', '/api1.0', '/v2/api', ''])('%p is not of the API', (target) => {
  expect(parseTarget(target)).toBeUndefined()
})
