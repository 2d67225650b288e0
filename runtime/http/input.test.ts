import { expect, test } from 'bun:test'
import { ApiError } from './errors.ts'
import { formDataParameters } from './form-data.ts'
import { parametersOf } from './input.ts'

const json = 'application/json; charset=utf-8'

test.each([
  ['a query', 'a=1&b=x+y%26', undefined, '', { a: '1', b: 'x y&' }],
  ['the last of several', 'a=1&a=2', undefined, '', { a: '2' }],
  ['a form', '', 'application/x-www-form-urlencoded', 'a=1', { a: '1' }],
  ['a form without a type', '', undefined, 'a=1', { a: '1' }],
  ['wrapped JSON', '', json, '{"network":{"a":1}}', { a: 1 }],
  ['flat JSON', '', json, '{"a":1,"b":null}', { a: 1, b: null }],
  ['JSON that curl takes for a form', '', 'application/x-www-form-urlencoded', '{"a":1}', { a: 1 }],
  ['wrapped YAML', '', 'text/yaml', 'network:\n  a: 1\n', { a: 1 }],
  ['YAML of Ruby', '', 'application/yaml', '---\n:network:\n  :a: 1\n', { a: 1 }],
  ['JSON as plain text', '', 'text/plain', '{"a":1}', { a: 1 }],
  ['a form as plain text', '', 'text/plain;charset=utf-8', 'a=1', { a: '1' }],
  ['both, where the body wins', 'a=1&b=2', json, '{"a":3}', { a: 3, b: '2' }],
  ['neither', '', json, '', {}],
])('parameters from %s', (_, query, contentType, body, expected) => {
  expect({ ...parametersOf(query, contentType, body) }).toEqual(expected)
})

test.each([
  ['JSON that ends early', json, '{"a":', 'JSON, line 1, column 6: '],
  [
    'broken JSON',
    json,
    '{"a": 1,\n "b": 2,\n}',
    'JSON, line 3, column 1: Property name must be a string literal',
  ],
  ['JSON that is no object', json, '[1]', 'It must be an object'],
  ['broken YAML', 'text/yaml', 'a: 1\nb: [1', 'YAML, line 2, column 6: '],
  ['YAML that is no object', 'text/yaml', 'hello', 'It must be an object'],
])('%s is refused, and where it is wrong is told', (_, contentType, body, reason) => {
  const refused = () => parametersOf('', contentType, body)
  expect(refused).toThrow(`Invalid request body. ${reason}`)
  expect(refused).toThrow(expect.objectContaining({ errorClass: 'ArgumentError' }))
})

test('a body of an unknown type is refused, and the types that are known are told', () => {
  const refused = () => parametersOf('', 'application/xml', '<a>1</a>')
  expect(refused).toThrow(expect.objectContaining({ errorClass: 'UnsupportedMediaType' }))
  expect(refused).toThrow('application/json')
})

const formData = (fields: string) =>
  formDataParameters('multipart/form-data; boundary=x', fields.replaceAll('\n', '\r\n'))

test('the fields of multipart/form-data are parameters', async () => {
  const field = (name: string, value: string) =>
    `--x\nContent-Disposition: form-data; name="${name}"\n\n${value}\n`
  expect({
    ...(await formData(`${field('a', '1')}${field('b', 'zwei ü')}${field('a', '2')}--x--\n`)),
  }).toEqual({
    a: '2',
    b: 'zwei ü',
  })
  expect(formData(`${field('a', '1').repeat(1_001)}--x--\n`)).rejects.toThrow('1000')
  const file = '--x\nContent-Disposition: form-data; name="a"; filename="f"\n\n1\n--x--\n'
  expect(formData(file)).rejects.toThrow('a: must be one value, not a file')
  expect(formData('nothing')).rejects.toThrow('Invalid request body.')
})

test('YAML that would grow without end is refused', () => {
  const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x]']
  for (let level = 1; level < 12; level++)
    lines.push(
      `a${level}: &a${level} [${Array(9)
        .fill(`*a${level - 1}`)
        .join(', ')}]`,
    )
  expect(() => parametersOf('', 'text/yaml', lines.join('\n'))).toThrow('Invalid request body.')
})

test.each([
  ['very many keys', Array.from({ length: 3_000 }, (_, n) => `k${n}: 1`).join('\n')],
  ['a quote that never ends', `a: "${'x\n'.repeat(16_000)}`],
  ['keys of keys of keys', 'a: '.repeat(10_000)],
  ['keys that are maps of maps', `${'? '.repeat(3_000)}a`],
  ['flow maps as keys', `${'{'.repeat(1_500)}a${'}: 1'.repeat(1_500)}`],
])('YAML with %s is read or refused in little time', (_, text) => {
  const began = performance.now()
  try {
    parametersOf('', 'text/yaml', text)
  } catch (error) {
    expect(error).toBeInstanceOf(ApiError)
  }
  expect(performance.now() - began).toBeLessThan(5_000)
})

test('YAML that is long is refused unread', () => {
  const long = () => parametersOf('', 'text/yaml', 'a: '.repeat(20_000))
  expect(long).toThrow('send JSON')
  expect(long).toThrow(expect.objectContaining({ errorClass: 'RequestTooLarge' }))
})

test('of equal keys in YAML the last counts, as in JSON', () => {
  expect(parametersOf('', 'text/yaml', 'a: 1\na: 2\n')).toEqual({ a: 2 })
})

test('a content type that is a name of JavaScript is no format', () => {
  for (const type of ['constructor', '__proto__', 'toString'])
    expect(() => parametersOf('', type, 'a=1')).toThrow('content-type: must be')
})

test('a query of very many parameters is refused', () => {
  expect(() => parametersOf('a&'.repeat(1_001), undefined, '')).toThrow('1000')
})

test('no name of a parameter reaches the prototype of objects', () => {
  parametersOf('__proto__=1&constructor=2', json, '{"__proto__":{"polluted":1}}')
  expect(({} as { polluted?: number }).polluted).toBeUndefined()
})
