/** Bodies of `multipart/form-data`, as curl -F and web forms send them. */
import { argumentError } from './errors.ts'
import { type Parameters, parametersMax } from './input.ts'

export const isFormData = (contentType: string | undefined): boolean =>
  /^\s*multipart\/form-data\s*(;|$)/i.test(contentType ?? '')

/** The fields of a form as parameters; of several of one name the last counts. A file is refused. */
export async function formDataParameters(contentType: string, body: string): Promise<Parameters> {
  const parameters: Record<string, unknown> = Object.create(null)
  let count = 0
  for (const [name, value] of await fieldsOf(contentType, body)) {
    if (++count > parametersMax) throw argumentError(`more than ${parametersMax} parameters`)
    if (typeof value !== 'string') throw argumentError(`${name}: must be one value, not a file`)
    parameters[name] = value
  }
  return parameters
}

async function fieldsOf(contentType: string, body: string): Promise<Iterable<[string, unknown]>> {
  try {
    const form = await new Response(body, { headers: { 'content-type': contentType } }).formData()
    return form.entries() as Iterable<[string, unknown]>
  } catch {
    throw argumentError('Invalid request body. It is not the multipart/form-data that its header announces.')
  }
}
