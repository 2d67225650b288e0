/** Whatever clients send, the answer is a success or a refusal in the API's own words, and the API goes on. */
import { expect, test } from 'bun:test'
import type { PlainRequest } from '../../runtime/http/plain.ts'
import { firstRequests, randomFrom, requestFrom } from './random-requests.ts'
import { openTestApi, type TestAnswer, type TestApi } from './testing.ts'

const requestsCount = 4_000
const seed = 20_261_122

const isRefusal = ({ status, json, body }: TestAnswer) =>
  status === 404 && body.includes('Not Found') ? true : /^\d{3}$/.test(json?.code) && json.message.length > 0

async function survives(api: TestApi, request: PlainRequest) {
  const answer = await api.request(request)
  if (answer.status >= 500 || ![200, 400, 404, 409].includes(answer.status))
    throw new Error(`${request.method} ${request.target} ${request.body}: ${answer.status} ${answer.body}`)
  if (answer.status !== 200 && !request.target.includes('.yml') && !isRefusal(answer))
    throw new Error(`${request.method} ${request.target}: ${answer.status} ${answer.body}`)
  return answer.status
}

test(`${requestsCount} odd requests: none is an error of the API`, async () => {
  const api = await openTestApi()
  try {
    const random = randomFrom(seed)
    const seen = new Map<number, number>()
    for (const request of firstRequests) await survives(api, request)
    for (let count = 0; count < requestsCount; count++) {
      const status = await survives(api, requestFrom(random))
      seen.set(status, (seen.get(status) ?? 0) + 1)
    }
    // All kinds of answers, else the requests were not odd in the right way.
    for (const status of [200, 400, 404, 409]) expect(seen.get(status) ?? 0).toBeGreaterThan(10)
  } finally {
    await api.dispose()
  }
}, 60_000)
