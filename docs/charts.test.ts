import { expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { pipelineFile, withCharts } from './charts.ts'

test('the charts in PIPELINE.md are those of the declaration (bun docs/charts.ts writes them)', () => {
  const document = readFileSync(pipelineFile, 'utf8')
  expect(withCharts(document)).toBe(document)
})
