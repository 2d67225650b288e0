import type { Shape, Struct, Union } from './node.ts'

/** A number from 0 up to, and without, `below`. */
export type Pick = (below: number) => number

/** Deep enough for actions in actions in messages in bundles, shallow enough to end. */
const depthMax = 4
const elementsMax = 4

/** Any value of a node, for tests: what a writer must write and a reader must read back. */
export function random(node: Shape, pick: Pick, depth = 0): unknown {
  switch (node.kind) {
    case 'int':
      return node.size > 4 ? word(pick, node.size) : Number(word(pick, node.size))
    case 'mac':
      return Array.from({ length: 6 }, () => hex(pick(256), 2)).join(':')
    case 'ipv4':
      return Array.from({ length: 4 }, () => pick(256)).join('.')
    case 'ipv6':
      return `2001:db8::${hex(1 + pick(0xffff), 1)}`
    case 'bytes':
      return octets(pick, node.size)
    case 'rest':
      return octets(pick, pick(40))
    case 'text':
      return 'abcdefgh-é'.slice(0, pick(Math.min(node.size, 9)))
    case 'enum':
      return one([...node.codes.byName.keys()], pick)
    case 'flags':
      return node.bits.read(Number(word(pick, node.size)))
    case 'bits':
      return Object.fromEntries(
        Object.entries(node.parts).map(([name, [, width, plus = 0]]) => [name, pick(2 ** width) + plus]),
      )
    case 'struct':
      return structure(node, pick, depth)
    case 'list':
      return Array.from({ length: pick(elementsMax) }, () => random(node.element, pick, depth))
    case 'union':
      return variant(node, pick, depth)
    case 'lazy':
      return node.get().kind === 'list' && depth >= depthMax ? [] : random(node.get(), pick, depth + 1)
    case 'frame':
      return random(node.body, pick, depth)
    case 'native':
      return node.random(pick)
    default:
      throw new Error(`${node.kind} has no value`)
  }
}

/** A variant for what is unknown must not carry the constants of a known one. */
function variant(node: Union, pick: Pick, depth: number): Record<string, unknown> {
  const chosen = one(node.variants, pick)
  const value = structure(chosen, pick, depth)
  for (const [name, field] of Object.entries(chosen.fields)) {
    const others = node.variants.map((other) => other.fields[name])
    const taken = others.flatMap((other) => (other?.kind === 'constant' ? [other.value] : []))
    if (field.kind !== 'int' || taken.length === 0) continue
    while (taken.includes(value[name] as number)) value[name] = random(field, pick, depth)
  }
  return value
}

function structure(node: Struct, pick: Pick, depth: number): Record<string, unknown> {
  const value: Record<string, unknown> = {}
  for (const [name, field] of Object.entries(node.fields)) {
    if (['pad', 'align', 'length', 'count', 'presence'].includes(field.kind)) continue
    if (field.kind === 'optional') {
      const there = field.when
        ? (value[field.when.field] as unknown[]).includes(field.when.flag)
        : pick(2) === 0
      if (there) value[name] = random(field.node, pick, depth)
    } else if (field.kind !== 'constant') value[name] = random(field, pick, depth)
    else if (field.shown !== undefined) value[name] = field.shown
  }
  return value
}

const one = <T>(from: readonly T[], pick: Pick): T => from[pick(from.length)]!
const hex = (n: number, digits: number) => n.toString(16).padStart(digits, '0')
const octets = (pick: Pick, size: number) => Uint8Array.from({ length: size }, () => pick(256))

/** Small, large and any numbers, each often enough. */
function word(pick: Pick, size: number): bigint {
  const all = (1n << BigInt(8 * size)) - 1n
  const kind = pick(4)
  if (kind === 0) return BigInt(pick(8))
  if (kind === 1) return all - BigInt(pick(8))
  return octets(pick, size).reduce((n, byte) => (n << 8n) | BigInt(byte), 0n)
}
