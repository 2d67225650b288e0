/** The OpenAPI document, from the declarations of the operations that an app serves. */
import type { BuiltApp } from './isolate-app.ts'

export function openApiDocument(_app: BuiltApp): object {
  return {}
}
