import { describe, expect, test } from 'bun:test'
import { fromHex, toHex } from '../wire/index.ts'
import { decode, encode, fromJson, messageNode, toJson } from './index.ts'
import { nameOf, samples } from './testing/samples.ts'

describe('samples', () => {
  test.each(samples.map((sample) => [nameOf(sample), sample] as const))('%s', (_, { hex, json }) => {
    const decoded = decode(fromHex(hex)!)
    if (!decoded.ok) throw new Error(JSON.stringify(decoded.problem))
    expect(toJson(decoded.value)).toEqual(json)
    const value = fromJson(json)
    if (!value.ok) throw new Error(JSON.stringify(value.problem))
    expect(toHex(encode(value.value))).toBe(hex)
  })

  test('there is one of every message type and multipart type', () => {
    const declared = new Set<string>()
    if (messageNode.kind !== 'union') throw new Error('a message is no union')
    for (const { fields } of messageNode.variants) {
      const type = fields['multipart_type'] ?? fields['type']
      if (type?.kind === 'constant' && fields['type']?.kind === 'constant')
        declared.add(`${fields['type'].shown} ${type.shown}`)
    }
    for (const { json } of samples)
      declared.delete(`${json['type']} ${json['multipart_type'] ?? json['type']}`)
    expect([...declared]).toEqual([])
  })
})
