/** Where an OVSDB server listens: `unix:PATH`, `tcp:HOST:PORT` or `ssl:HOST:PORT` (ovsdb(7), "Active connections"). */
import { isIP } from 'node:net'
import { dirname, isAbsolute, join } from 'node:path'
import { failure, type Result, success } from '../problem.ts'

/** IANA's port for OVSDB, taken where an address names none. */
const defaultPort = 6640
/** `sockaddr_un.sun_path` holds 108 bytes, the last of them NUL. */
const socketPathBytesMax = 107

export type OvsdbAddress =
  | { readonly kind: 'unix'; readonly text: string; readonly path: string }
  | { readonly kind: 'tcp' | 'ssl'; readonly text: string; readonly host: string; readonly port: number }

/** Reads an address. An IPv6 host stands in brackets. */
export function parseOvsdbAddress(text: string): Result<OvsdbAddress> {
  const wrong = (what: string) =>
    failure({
      what,
      where: text,
      expected: 'unix:PATH, tcp:HOST:PORT or ssl:HOST:PORT',
    })
  const colon = text.indexOf(':')
  const kind = text.slice(0, colon)
  const rest = text.slice(colon + 1)
  if (kind === 'unix') {
    if (!isAbsolute(rest)) return wrong('the path of a unix socket must be absolute')
    if (Buffer.byteLength(rest) > socketPathBytesMax)
      return wrong(`the path of a unix socket has at most ${socketPathBytesMax} bytes`)
    return success({ kind, text, path: rest })
  }
  if (kind !== 'tcp' && kind !== 'ssl') return wrong('not an OVSDB address')
  const parts = /^(?:\[([^\]]+)\]|([^:[\]]+))(?::(\d{1,5}))?$/.exec(rest)
  if (parts === null) return wrong('not a host and a port')
  const host = (parts[1] ?? parts[2])!
  const port = parts[3] === undefined ? defaultPort : Number(parts[3])
  if (parts[1] !== undefined && isIP(host) !== 6) return wrong('not an IPv6 address in the brackets')
  if (port < 1 || port > 65_535) return wrong('a port is from 1 to 65535')
  return success({ kind, text, host, port })
}

/** A bridge's name becomes part of a path: it must not lead anywhere else. */
export const isBridgeName = (name: string): boolean => /^(?!\.{1,2}$)[^/\0]{1,64}$/.test(name)

/**
 * The OpenFlow address of a local switch's bridge: ovs-vswitchd listens on `<bridge>.mgmt` in its run directory, where
 * the OVSDB's socket is too (ovs-vswitchd(8)). Null for
 * an OVSDB on another machine: its switches dial in.
 */
export function openflowAddressOf(address: OvsdbAddress, bridge: string): string | null {
  return address.kind === 'unix' && isBridgeName(bridge)
    ? `unix:${join(dirname(address.path), `${bridge}.mgmt`)}`
    : null
}
