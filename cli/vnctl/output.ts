import { type Json, toRubyYaml } from '../../runtime/http/ruby-yaml.ts'
import type { Output } from './settings.ts'
import { tabular } from './table.ts'

const isTopList = (path: string) => path.indexOf('/', 1) === -1

/** An answer as text that ends with a line break; YAML is what the API itself answers for `.yml`, and what no table can show. */
export function render(answer: unknown, output: Output, path = ''): string {
  if (output === 'json') return `${JSON.stringify(answer, null, 2)}\n`
  const table = output === 'table' ? tabular(answer) : undefined
  return table === undefined ? toRubyYaml(answer as Json, isTopList(path)) : `${table}\n`
}
