/** The HTTP server of a host, and where its answers come from. */
import type { Functions } from '../dispatch/functions.ts'
import type { Audit } from '../http/answers/host.ts'
import { type HttpServer, startHttpServer } from '../http/server.ts'
import { nameProblem } from '../listen-problem.ts'
import type { Logger } from '../log.ts'
import { failure, type Result } from '../problem.ts'
import { datapathStatus, waitApplied } from './applied.ts'
import type { HostConfig } from './config.ts'
import { eventRoute } from './events/event-route.ts'
import type { EventStreams } from './events/event-streams.ts'
import type { Presence } from './hosts/presence.ts'
import { flowsRoute } from './look/flows-route.ts'
import type { NetworkState } from './network-state.ts'
import { rowsRoute } from './rows-route.ts'
import type { Switches } from './switches.ts'
import { traceRoute } from './trace/trace-route.ts'

/** What there is once the database was reached. */
export interface ApiSources {
  readonly state: NetworkState
  readonly functions: Functions
  readonly presence: Presence | undefined
}

export interface ServeApiOptions {
  readonly config: Pick<HostConfig, 'http' | 'insecure' | 'corsOrigins'>
  readonly token: string
  readonly log: Logger
  readonly switches: Switches
  readonly events: EventStreams
  /** Throws what the API answers while there is no database. */
  readonly begun: () => ApiSources
  readonly audit: () => Promise<Audit>
}

export async function serveApi(options: ServeApiOptions): Promise<Result<HttpServer>> {
  const { config, token, log, switches, events, begun, audit } = options
  const { http, insecure, corsOrigins } = config
  const unnamed = await nameProblem(http.host, '--http', `${http.host}:${http.port}`)
  if (unnamed !== undefined) return failure(unnamed)
  return startHttpServer({
    ...http,
    token,
    insecure,
    corsOrigins,
    log,
    dispatch: (request) => begun().functions.api.dispatch(request),
    announceWait: async (timeoutMs) => begun().presence?.announceWait(timeoutMs),
    waitApplied: (revision, timeoutMs) => {
      const { state, presence } = begun()
      return waitApplied(state, presence, revision, timeoutMs)
    },
    datapathStatus: (uuid) => {
      const { state, presence } = begun()
      return datapathStatus(state, switches, presence, uuid)
    },
    audit,
    routes: [
      eventRoute(events),
      rowsRoute(() => begun().state.view),
      flowsRoute(begun, switches),
      traceRoute(begun, switches),
    ],
  })
}
