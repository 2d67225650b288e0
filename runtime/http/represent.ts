/** Answers as JSON or as YAML. */
import type { PlainResponse } from './plain.ts'
import { type Json, toRubyYaml } from './ruby-yaml.ts'

export type Representation = 'json' | 'yaml'

const contentTypes: Readonly<Record<Representation, string>> = {
  json: 'application/json',
  yaml: 'text/yaml;charset=utf-8',
}

/** A JSON text as the body of an answer. */
export function represent(
  status: number,
  json: string,
  representation: Representation,
  topList = false,
): PlainResponse {
  const body = representation === 'json' ? json : toRubyYaml(JSON.parse(json) as Json, topList)
  return { status, headers: { 'content-type': contentTypes[representation] }, body }
}

/** As OpenVNet answers what it does not know. */
export const notFound: PlainResponse = {
  status: 404,
  headers: { 'content-type': 'text/html;charset=utf-8' },
  body: '<h1>Not Found</h1>',
}
