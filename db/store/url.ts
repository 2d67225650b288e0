/** Database URLs: `file:` for a file of this machine, the others for a libSQL server. */
import { fileURLToPath } from 'node:url'

export interface ServerAddress {
  /** `http(s)://host:port`, without a slash at its end. */
  readonly url: string
  readonly authToken: string | undefined
}

/** The path of a `file:` URL, absolute (`file:///var/x`) or relative (`file:.vnet/x`); undefined for any other URL. */
export function filePath(url: string): string | undefined {
  if (!url.startsWith('file:')) return undefined
  if (url.startsWith('file://')) return fileURLToPath(url)
  return decodeURIComponent(url.slice('file:'.length))
}

/** A libSQL server serves all its protocols on one port; this program speaks HTTP to it. `libsql:` means TLS unless `?tls=0`. */
export function serverAddress(url: string, authToken: string | undefined): ServerAddress | undefined {
  if (!URL.canParse(url)) return undefined
  const parsed = new URL(url)
  const secure = {
    'http:': false,
    'https:': true,
    'ws:': false,
    'wss:': true,
    'libsql:': parsed.searchParams.get('tls') !== '0',
  }[parsed.protocol]
  if (secure === undefined) return undefined
  const path = parsed.pathname.replace(/\/+$/, '')
  return {
    url: `${secure ? 'https' : 'http'}://${parsed.host}${path}`,
    authToken: authToken ?? parsed.searchParams.get('authToken') ?? undefined,
  }
}

/** The URL without its token: for messages and logs. */
export function withoutToken(url: string): string {
  if (url.startsWith('file:') || !URL.canParse(url)) return url
  const parsed = new URL(url)
  parsed.searchParams.delete('authToken')
  return parsed.href
}
