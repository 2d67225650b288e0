/** Who may use the API: programs on this machine, and whoever has the token. Never a web page by itself. */
import { createHash, timingSafeEqual } from 'node:crypto'
import { ApiError } from '../errors.ts'
import { hostNameOf, isLoopback } from './addresses.ts'

export interface Policy {
  /** Empty: there is none, and nothing passes for it. */
  readonly token: string
  /** The address that is listened at is the loopback interface's. */
  readonly loopback: boolean
  /** Requests without a token are welcome from anywhere. */
  readonly insecure: boolean
}

type Headers = Readonly<Record<string, string>>

/** Hashed first, so that neither content nor length shows in the time that it takes. */
const same = (one: string, other: string) =>
  timingSafeEqual(createHash('sha256').update(one).digest(), createHash('sha256').update(other).digest())

const unauthorized = (message: string) => new ApiError('Unauthorized', message)

/** Browsers send Origin with whatever may change something, and Sec-Fetch-Site with everything. */
const isFromWebPage = (headers: Headers) =>
  headers['origin'] !== undefined || !['none', 'same-origin', undefined].includes(headers['sec-fetch-site'])

/** A name that was made to point here (DNS rebinding) shows in the Host header. */
function checkHost(hostHeader: string | undefined): ApiError | undefined {
  if (hostHeader === undefined) return undefined
  const name = hostNameOf(hostHeader)
  if (name !== undefined && isLoopback(name)) return undefined
  return new ApiError('Forbidden', 'the Host header must name localhost, or the request must bear the token')
}

function bears(token: string, authorization: string | undefined): boolean {
  const given = /^Bearer +(\S+) *$/i.exec(authorization ?? '')?.[1]
  return token !== '' && given !== undefined && same(given, token)
}

/** Why a request is refused; undefined: it is welcome. */
export function authorise(headers: Headers, policy: Policy): ApiError | undefined {
  const { authorization } = headers
  if (bears(policy.token, authorization)) return undefined
  if (isFromWebPage(headers))
    return unauthorized('requests of web pages need the token: Authorization: Bearer …')
  if (policy.insecure) return undefined
  if (policy.loopback) return checkHost(headers['host'])
  return unauthorized(
    authorization === undefined
      ? 'a token is needed: Authorization: Bearer …, from the file `token` of the state folder'
      : "the token is not this host's: it is in the file `token` of its state folder",
  )
}
