/** What machines that boot from the network are told: by their DHCP service, which file, by the kind of machine. */
import { type Dhcp, dhcpOption, type Row, type State } from 'openvnet'
import { serversIn } from './services.ts'

/** Kinds of machines by the numbers of their architectures (RFC 4578, 2.1; the registry of the IANA). */
const architectures: Readonly<Record<string, readonly number[]>> = {
  bios: [0],
  efi32: [6],
  efi: [7, 9],
  arm32: [10],
  arm64: [11],
  http: [16],
  http_arm64: [19],
}
/** iPXE says who it is, so that it is not told to load itself again. */
const ipxe = 'ipxe'
const anyone = '*'

export const bootKinds = [...Object.keys(architectures), ipxe, anyone]
/** A file's name in a message, without the zero at its end, in bytes (RFC 2131, 2). */
export const bootFileBytesMax = 127
export const bootFilesMax = 16

interface BootFile {
  readonly kind: string
  readonly file: string
}

const kindForm = /^(0|[1-9]\d{0,4})$/
const isKind = (kind: string) => bootKinds.includes(kind) || (kindForm.test(kind) && Number(kind) <= 0xffff)
const bytesOf = (file: string) => new TextEncoder().encode(file).length

/** `bios:a.kpxe,ipxe:http://b/c` as kinds and files; null where it is none. The file may have colons. */
export function parseBootFiles(text: string): readonly BootFile[] | null {
  const files = text.split(',').map((part) => {
    const at = part.indexOf(':')
    return { kind: part.slice(0, at).trim(), file: part.slice(at + 1).trim() }
  })
  const kinds = new Set(files.map(({ kind }) => kind))
  const isRight = files.every(
    ({ kind, file }) => isKind(kind) && file !== '' && bytesOf(file) <= bootFileBytesMax,
  )
  return isRight && kinds.size === files.length && files.length <= bootFilesMax ? files : null
}

export interface Boot {
  /** Where the file is; 0: nothing is said about it. */
  readonly nextServer: number
  /** ``: nothing for this machine. */
  readonly file: string
}

const text = new TextDecoder()
const says = (message: Dhcp, code: number, word: string) =>
  text.decode(message.options.get(code) ?? new Uint8Array(0)).includes(word)

/** What a machine is, the most special first. */
function kindsOf(message: Dhcp): string[] {
  const listed = message.options.get(dhcpOption.clientArchitecture) ?? new Uint8Array(0)
  const view = new DataView(listed.buffer, listed.byteOffset, listed.length)
  const numbers = Array.from({ length: listed.length >>> 1 }, (_, index) => view.getUint16(index * 2))
  const named = numbers.flatMap((number) => [
    `${number}`,
    ...Object.keys(architectures).filter((name) => architectures[name]!.includes(number)),
  ])
  return [...(says(message, dhcpOption.userClass, 'iPXE') ? [ipxe] : []), ...named, anyone]
}

/** Whether a machine boots by HTTP, and wants to hear so. */
export const isHttpClient = (message: Dhcp): boolean => says(message, dhcpOption.vendorClass, 'HTTPClient')

const bootServiceOf = (state: State, networkId: number): Row<'networkServices'> | undefined =>
  serversIn(state, networkId, 'dhcp')
    .flatMap((interfaceId) => state.networkServices.many('interface', interfaceId))
    .find(
      ({ mode, boot_files, next_server_ipv4_address }) =>
        mode === 'dhcp' && (boot_files !== null || next_server_ipv4_address !== null),
    )

/** What the DHCP service of a network has for a machine that sent this message, if it has anything for any. */
export function bootOf(state: State, networkId: number, message: Dhcp): Boot | undefined {
  const service = bootServiceOf(state, networkId)
  if (service === undefined) return undefined
  const files = parseBootFiles(service.boot_files ?? '') ?? []
  const file = kindsOf(message)
    .map((kind) => files.find((one) => one.kind === kind)?.file)
    .find((found) => found !== undefined)
  return { nextServer: service.next_server_ipv4_address ?? 0, file: file ?? '' }
}
