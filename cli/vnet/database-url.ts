/** What `--db` may name. */
import { statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { filePath, serverAddress, withoutToken } from '../../db/store/url.ts'
import { failure, type Result, success } from '../../runtime/problem.ts'

const expected = 'file:PATH, or the http:// or libsql:// URL of a libSQL server'

function pathIn(url: string): string | undefined {
  try {
    return filePath(url)
  } catch {
    return ''
  }
}

/** A server's URL with the token that it asks for; that of the URL itself counts more. */
function withToken(url: string, token: string | undefined): string {
  if (token === undefined) return url
  const parsed = new URL(url)
  if (!parsed.searchParams.has('authToken')) parsed.searchParams.set('authToken', token)
  return parsed.href
}

/** The URL if it can be that of a database: a file in a folder that is there, or a server, whether or not it answers. */
export function checkDatabaseUrl(url: string, token?: string): Result<string> {
  const wrong = (what: string, hint?: string) =>
    failure({ what, where: '--db', received: withoutToken(url), ...(hint && { hint }) })
  const path = pathIn(url)
  if (path === undefined && serverAddress(url, undefined) !== undefined) return success(withToken(url, token))
  if (path === undefined || path === '')
    return failure({
      what: 'is no database',
      where: '--db',
      expected,
      received: withoutToken(url),
      ...(path === undefined && !url.includes(':') && { hint: `A file is named file:${url}` }),
    })
  const file = statSync(path, { throwIfNoEntry: false })
  if (file?.isDirectory()) return wrong('names a folder, not a file in it')
  const folder = dirname(resolve(path))
  if (file === undefined && statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true)
    return wrong('is in a folder that is not there', `Make it first: ${folder}`)
  return success(url)
}
