/** What a host is started with. */
import type { LogLevel } from '../log.ts'

/** Files in PEM format. */
export interface TlsFiles {
  readonly key: string
  readonly cert: string
  readonly ca: string
}

export interface HostConfig {
  /** Where the host keeps its files: the token, the embedded database. Made where missing. */
  readonly stateFolder: string
  /** The built-in functions. */
  readonly functionsFolder: string
  /** `file:PATH`, or the URL of a libSQL server. */
  readonly database: string
  /** Addresses to listen at for switches. */
  readonly openflow: readonly string[]
  /** Switches to dial beyond those that OVSDB tells of. */
  readonly switches: readonly string[]
  readonly ovsdb: readonly string[]
  /** `anyPort`: any free one where that one is in use. */
  readonly http: { readonly host: string; readonly port: number; readonly anyPort?: boolean }
  /** Serve the datapaths of this node only; null: of every node. */
  readonly nodeId: string | null
  readonly tls: TlsFiles | null
  readonly corsOrigins: readonly string[]
  /** Listen beyond loopback without a token. */
  readonly insecure: boolean
  readonly logLevel: LogLevel
  /** Swap functions as their files change. */
  readonly watch: boolean
}
