import { expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { architectureFile, withCharts } from './charts.ts'

test('the charts in ARCHITECTURE.md are those of the declaration (bun docs/charts.ts writes them)', () => {
  const document = readFileSync(architectureFile, 'utf8')
  expect(withCharts(document)).toBe(document)
})
