/** HTTP/1.1 as far as a check needs it: one request, and the status that is answered. */
import type { Tcp } from 'openvnet'

const statusLine = /^HTTP\/1\.[01] ([1-5]\d\d)(?: |\r)/
/** A status line is told by its beginning. */
const readMax = 16

/** Asks for a path, and for nothing after it. */
export const request = (path: string, address: string, port: number): Uint8Array =>
  new TextEncoder().encode(
    `GET ${path} HTTP/1.1\r\nHost: ${address}:${port}\r\nUser-Agent: openvnet\r\nAccept: */*\r\nConnection: close\r\n\r\n`,
  )

/** The status in the first segment of an answer; undefined: it is none of HTTP. */
export function statusOf(view: DataView, { payload, end }: Tcp): number | undefined {
  const bytes = new Uint8Array(view.buffer, view.byteOffset + payload, Math.min(end - payload, readMax))
  const found = statusLine.exec(String.fromCharCode(...bytes))
  return found === null ? undefined : Number(found[1])
}
