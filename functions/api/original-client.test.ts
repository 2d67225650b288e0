import { expect, test } from 'bun:test'
import { parse } from 'yaml'
import { originalClient } from './original-client.ts'
import { openTestApi } from './testing.ts'

/** As Ruby's Net::HTTP sends it. */
const headersOf = (method: string) => ({
  accept: '*/*',
  'user-agent': 'Ruby',
  'accept-encoding': 'gzip;q=1.0,deflate;q=0.6,identity;q=0.3',
  ...(method === 'POST' || method === 'PUT'
    ? { 'content-length': '0', 'content-type': 'application/x-www-form-urlencoded' }
    : {}),
})

test('every request of the original client is carried out, and answered in its YAML', async () => {
  const api = await openTestApi()
  try {
    for (const [command, ...requests] of originalClient)
      for (const request of requests) {
        const [method = '', path = ''] = request.split(' ')
        const answer = await api.request({
          method,
          target: `/api/1.0${path}`,
          headers: headersOf(method),
          body: '',
        })
        expect([command, answer.status, answer.headers['content-type']]).toEqual([
          command,
          200,
          'text/yaml;charset=utf-8',
        ])
        const body = parse(answer.body, { version: '1.1' })
        if (method === 'DELETE' || path.includes('/rename'))
          expect(Array.isArray(body) || ':uuid' in body || ':id' in body).toBe(true)
        else if (!path.includes('/segments/seg-a.yml?static=false'))
          expect(body).toContainAnyKeys([':id', ':uuid', ':items'])
      }
  } finally {
    await api.dispose()
  }
})

test('errors are YAML too, in words that the original client knows', async () => {
  const api = await openTestApi()
  try {
    const answer = await api.request({
      method: 'GET',
      target: '/api/1.0/networks/nw-zz.yml',
      headers: {},
      body: '',
    })
    expect(answer.status).toBe(404)
    expect(parse(answer.body)).toEqual({
      ':error': 'Vnet::Endpoints::UnknownUUIDResource',
      ':message': 'Network#uuid: nw-zz',
      ':code': '100',
    })
  } finally {
    await api.dispose()
  }
})
