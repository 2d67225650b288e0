/** Where to dial and where to listen: `tcp:HOST:PORT`, `ssl:HOST:PORT`, `unix:PATH`, as Open vSwitch writes them. */
import { isAbsolute } from 'node:path'
import { failure, type Result, success } from '../../problem.ts'

export type Address =
  | { readonly transport: 'tcp' | 'ssl'; readonly host: string; readonly port: number }
  | { readonly transport: 'unix'; readonly path: string }

const pattern = /^(tcp|ssl):(?:\[([^\]]+)\]|([^:[\]]+)):(\d{1,5})$/
const portMax = 65_535

/** Reads an address. An IPv6 host stands in brackets; port 0 lets the system choose when listening; a path is absolute. */
export function parseAddress(text: string): Result<Address> {
  if (text.startsWith('unix:')) {
    const path = text.slice('unix:'.length)
    if (isAbsolute(path)) return success({ transport: 'unix', path })
    return failure({ what: 'not an absolute path', where: text, expected: 'unix:/PATH', received: path })
  }
  const found = pattern.exec(text)
  const port = Number(found?.[4])
  if (found === null || port > portMax) {
    return failure({
      what: 'not an address',
      where: text,
      expected: 'tcp:HOST:PORT, ssl:HOST:PORT or unix:PATH',
    })
  }
  return success({ transport: found[1] as 'tcp' | 'ssl', host: (found[2] ?? found[3])!, port })
}

export function formatAddress(address: Address): string {
  if (address.transport === 'unix') return `unix:${address.path}`
  const host = address.host.includes(':') ? `[${address.host}]` : address.host
  return `${address.transport}:${host}:${address.port}`
}
