import { expect, test } from 'bun:test'
import { parse } from 'yaml'
import { type Json, toRubyYaml } from './ruby-yaml.ts'

function withoutColons(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutColons)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key.slice(1), withoutColons(inner)]))
}

test('keys are symbols, times are timestamps, lists are not indented', () => {
  const answer = {
    id: 1,
    uuid: 'nw-a',
    display_name: '',
    mode: null,
    created_at: '2026-11-22 10:37:25 UTC',
    dpid: '0x0000aaaaaaaaaaaa',
    mac_leases: [{ mac_address: '52:54:00:12:34:56', ip_leases: [] }],
    network: { ipv4_network: '10.0.0.0', ipv4_prefix: 24 },
    flags: [true, false],
    nothing: {},
  }
  expect(toRubyYaml(answer)).toBe(`---
:id: 1
:uuid: nw-a
:display_name: ''
:mode:
:created_at: 2026-11-22 10:37:25.000000000 Z
:dpid: '0x0000aaaaaaaaaaaa'
:mac_leases:
- :mac_address: '52:54:00:12:34:56'
  :ip_leases: []
:network:
  :ipv4_network: 10.0.0.0
  :ipv4_prefix: 24
:flags:
- true
- false
:nothing: {}
`)
})

test('only the list of a resource itself has text keys for its counts', () => {
  const list = { total_count: 1, offset: 0, limit: 30, items: [{ id: 1 }] }
  expect(toRubyYaml(list, true)).toBe('---\ntotal_count: 1\noffset: 0\nlimit: 30\n:items:\n- :id: 1\n')
  expect(toRubyYaml(list)).toStartWith('---\n:total_count: 1\n')
})

test('texts of any kind are read back as they were, by YAML 1.1 too', () => {
  const texts = [
    'plain',
    'true',
    'No',
    'null',
    '~',
    '',
    ' ',
    '1',
    '1.5',
    '1e3',
    '0x10',
    '010',
    '12:30:45',
    '52:54:00:12:34:56',
    '10.0.0.1',
    '1_000',
    '-',
    '- a',
    '? a',
    ': a',
    'a: b',
    'a #b',
    '#a',
    "it's",
    '"quoted"',
    '{a}',
    '[a]',
    '&a',
    '*a',
    '!a',
    '%a',
    '@a',
    '`a`',
    '|',
    '>',
    'a\nb',
    'a\tb',
    'ends with colon:',
    '=',
    '<<',
    '.inf',
    '.nan',
    'y',
    'n',
    '2026-11-22',
    '2026-11-22 10:37:25 UTC',
    'Grüße 🕸',
    '\u2028',
    '\u0085',
    '\u0007',
    ' leading',
    'trailing ',
    '---',
  ]
  for (const version of ['1.1', '1.2'] as const)
    for (const text of texts)
      for (const document of [text, [text], { text }, [{ text }], { a: [[text]] }] as Json[]) {
        const keyless = withoutColons(parse(toRubyYaml(document), { version }))
        expect(keyless).toEqual(document as object)
      }
})
