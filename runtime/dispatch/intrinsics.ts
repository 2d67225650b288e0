/**
 * Functions of the host thread share its built-in objects: one that edits a prototype edits everybody's. That is found
 * and put back, soon. Not a sandbox: in between, the edited object is everybody's.
 */
const typedArray = Object.getPrototypeOf(Uint8Array) as { readonly prototype: object }

/** `Error` itself is left out: its stackTraceLimit and prepareStackTrace are there to be set. */
const guarded: Readonly<Record<string, object>> = {
  Object,
  'Object.prototype': Object.prototype,
  'Function.prototype': Function.prototype,
  Array,
  'Array.prototype': Array.prototype,
  'String.prototype': String.prototype,
  'Number.prototype': Number.prototype,
  'BigInt.prototype': BigInt.prototype,
  'Symbol.prototype': Symbol.prototype,
  'Error.prototype': Error.prototype,
  'RegExp.prototype': RegExp.prototype,
  'Date.prototype': Date.prototype,
  Promise,
  'Promise.prototype': Promise.prototype,
  'Map.prototype': Map.prototype,
  'Set.prototype': Set.prototype,
  'WeakMap.prototype': WeakMap.prototype,
  'TypedArray.prototype': typedArray.prototype,
  'Uint8Array.prototype': Uint8Array.prototype,
  'Buffer.prototype': Buffer.prototype,
  'DataView.prototype': DataView.prototype,
  'ArrayIterator.prototype': Object.getPrototypeOf([][Symbol.iterator]()) as object,
  JSON,
  Math,
  Reflect,
}

const { getOwnPropertyDescriptor, defineProperty, is } = Object
const { ownKeys, deleteProperty } = Reflect

type Properties = ReadonlyMap<PropertyKey, PropertyDescriptor>

const originals: readonly (readonly [string, object, Properties])[] = Object.entries(guarded).map(
  ([name, object]) => [
    name,
    object,
    new Map(ownKeys(object).map((key) => [key, getOwnPropertyDescriptor(object, key)!])),
  ],
)

const same = (a: PropertyDescriptor | undefined, b: PropertyDescriptor): boolean =>
  a !== undefined && is(a.value, b.value) && a.get === b.get && a.set === b.set

function restore(object: object, key: PropertyKey, original: PropertyDescriptor) {
  try {
    defineProperty(object, key, original)
  } catch {
    // Made unchangeable by who edited it: naming it is all that is left to do.
  }
}

/** Puts back what was edited, and names it: `Array.prototype.push`. Costs some 0.1 ms. */
export function restoreIntrinsics(): string[] {
  const edited: string[] = []
  for (const [name, object, properties] of originals) {
    for (const [key, original] of properties) {
      if (same(getOwnPropertyDescriptor(object, key), original)) continue
      restore(object, key, original)
      edited[edited.length] = `${name}.${String(key)}`
    }
    for (const key of ownKeys(object)) {
      if (properties.has(key)) continue
      deleteProperty(object, key)
      edited[edited.length] = `${name}.${String(key)}`
    }
  }
  return edited
}
