/** What `ovs-ofctl ofp-print` says of our samples is what it said when they were looked at. */
import { describe, expect, test } from 'bun:test'
import { fromHex } from '../wire/index.ts'
import { print } from './testing/ofctl.ts'
import { nameOf, samples } from './testing/samples.ts'

describe('ofp-print', () => {
  const known = samples.filter((sample) => sample.print !== null)
  test.each(known.map((sample) => [nameOf(sample), sample] as const))('%s', async (_, sample) => {
    expect((await print(fromHex(sample.hex)!)).trim()).toBe(sample.print!)
  })
})
