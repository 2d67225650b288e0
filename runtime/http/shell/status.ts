/** `GET /datapaths/:uuid/status`: answered by the host, which alone knows its connections. */
import type { DatapathStatus } from '../answers/host.ts'
import { ApiError, invalidUuid } from '../errors.ts'
import { errorAnswer } from '../outcomes.ts'
import type { PlainResponse } from '../plain.ts'
import { type Representation, represent } from '../represent.ts'
import { parseTarget } from '../target.ts'

interface StatusTarget {
  readonly uuid: string
  readonly representation: Representation
}

/** Which datapath a request asks about; undefined: it is another request. */
export function statusTarget(method: string, target: string): StatusTarget | undefined {
  if (method !== 'GET' && method !== 'HEAD') return undefined
  const parsed = parseTarget(target)
  const uuid = /^\/datapaths\/([^/]+)\/status$/.exec(parsed?.path ?? '')?.[1]
  return uuid === undefined ? undefined : { uuid, representation: parsed!.representation }
}

export function statusAnswer(
  { uuid, representation }: StatusTarget,
  status: DatapathStatus | undefined,
): PlainResponse {
  if (status !== undefined) return represent(200, JSON.stringify(status), representation)
  const error = /^dp-\w+$/.test(uuid)
    ? new ApiError('UnknownUUIDResource', `Datapath#uuid: ${uuid}`)
    : invalidUuid('Datapath', 'uuid', 'dp', uuid)
  return errorAnswer(error, representation)
}
