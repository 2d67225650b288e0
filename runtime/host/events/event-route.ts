import type { HostRoute } from '../../http/shell/host-route.ts'
import { eventRequestOf } from './event-request.ts'
import type { EventStreams } from './event-streams.ts'

/** `GET /events`: what happens, as it happens. */
export const eventRoute = (streams: Pick<EventStreams, 'open'>): HostRoute => ({
  method: 'GET',
  path: /^\/events$/,
  answer: ({ query, headers, ending }) => ({
    status: 200,
    headers: { 'content-type': 'text/event-stream', 'x-accel-buffering': 'no' },
    body: streams.open(eventRequestOf(query, headers['last-event-id']), ending),
  }),
})
