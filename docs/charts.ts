/** Writes the charts of tables, registers and codes into PIPELINE.md; `bun docs/charts.ts`. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { features, pipeline, puntPoints } from '../functions/flows/pipeline.ts'
import { pipelineCharts } from '../runtime/pipeline/charts.ts'

export const pipelineFile = join(import.meta.dir, 'PIPELINE.md')
const begin = '<!-- charts:begin -->'
const end = '<!-- charts:end -->'

/** The document with the charts as the declaration has them now. */
export function withCharts(document: string): string {
  const [before, rest] = document.split(begin)
  const after = rest?.split(end)[1]
  if (before === undefined || after === undefined)
    throw new Error(`${pipelineFile} has lost its marks ${begin} and ${end}`)
  return `${before}${begin}\n\n${pipelineCharts(pipeline, { ...features, ...puntPoints }).trim()}\n\n${end}${after}`
}

if (import.meta.main) writeFileSync(pipelineFile, withCharts(readFileSync(pipelineFile, 'utf8')))
