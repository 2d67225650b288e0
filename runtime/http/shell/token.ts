/** The bearer token of a host, in a file that only its user can read. */
import { randomBytes } from 'node:crypto'
import {
  chmodSync,
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { failure, type Result, success } from '../../problem.ts'

const tokenBytes = 32
const tokenPattern = /^[\w-]{32,128}$/
const onlyOwner = 0o600

/** Where the token of a host with this state folder is. */
export const tokenFile = (stateFolder: string): string => join(stateFolder, 'token')

/** The token of a state folder, or why there is none. */
export function readTokenOr(stateFolder: string): { readonly token: string } | { readonly why: string } {
  try {
    const token = readFileSync(tokenFile(stateFolder), 'utf8').trim()
    return tokenPattern.test(token) ? { token } : { why: 'holds no token' }
  } catch (error) {
    const { code = String(error) } = error as NodeJS.ErrnoException
    return { why: code === 'ENOENT' ? 'is not there' : `cannot be read: ${code}` }
  }
}

/** The token of a state folder; undefined where there is none, or it is damaged. */
export function readToken(stateFolder: string): string | undefined {
  const read = readTokenOr(stateFolder)
  return 'token' in read ? read.token : undefined
}

/** Under another name first: nobody ever reads half a token, or one that others could read. */
function writeToken(stateFolder: string, token: string): void {
  const file = tokenFile(stateFolder)
  const unfinished = `${file}.${process.pid}`
  const descriptor = openSync(unfinished, 'w', onlyOwner)
  try {
    writeSync(descriptor, `${token}\n`)
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
  renameSync(unfinished, file)
}

/** The token of a state folder, made where there is none; folder and file are for the owner only. */
export function ensureToken(stateFolder: string): Result<string> {
  try {
    mkdirSync(stateFolder, { recursive: true, mode: 0o700 })
    const existing = readToken(stateFolder)
    if (existing !== undefined) {
      if ((statSync(tokenFile(stateFolder)).mode & 0o077) !== 0) chmodSync(tokenFile(stateFolder), onlyOwner)
      return success(existing)
    }
    const token = randomBytes(tokenBytes).toString('base64url')
    writeToken(stateFolder, token)
    return success(token)
  } catch (error) {
    return failure({
      what: 'the API token cannot be kept',
      where: tokenFile(stateFolder),
      received: error instanceof Error ? error.message : String(error),
      hint: 'Make the state folder writable, or choose another with --state.',
    })
  }
}
