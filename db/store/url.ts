/** Database URLs: `file:` for a file of this machine, the others for a libSQL server. */
import { fileURLToPath } from 'node:url'

/** The path of a `file:` URL, absolute (`file:///var/x`) or relative (`file:.vnet/x`); undefined for any other URL. */
export function filePath(url: string): string | undefined {
  if (!url.startsWith('file:')) return undefined
  if (url.startsWith('file://')) return fileURLToPath(url)
  return decodeURIComponent(url.slice('file:'.length))
}
