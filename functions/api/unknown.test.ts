import { afterAll, beforeAll, expect, test } from 'bun:test'
import { openTestApi, type TestApi } from './testing.ts'

let api: TestApi
beforeAll(async () => {
  api = await openTestApi()
})
afterAll(() => api?.dispose())

const get = (path: string, headers: Record<string, string> = {}) =>
  api.request({ method: 'GET', target: `/api/1.0${path}`, headers, body: '' })

test('what is unknown is HTML, and an error where the suffix or Accept asks for one', async () => {
  expect((await get('/nothing')).body).toBe('<h1>Not Found</h1>')
  const error = {
    error: 'Vnet::Endpoints::UnknownOperation',
    message: 'no such operation: GET /nothing',
    code: '404',
  }
  for (const answer of [await get('/nothing.json'), await get('/nothing', { accept: 'application/json' })])
    expect([answer.status, answer.json]).toEqual([404, error])
  expect((await get('/nothing.yml')).body).toContain(':code: ')
})

test('of a path that is known the methods are told', async () => {
  const { status, json } = await api.call('PUT', '/networks.json')
  expect([status, json.message]).toEqual([404, 'no such operation: PUT /networks; the path has GET, POST'])
})

test('a slash at the end counts for nothing', async () => {
  expect((await get('/networks/')).json).toEqual((await get('/networks')).json)
  expect((await get('/networks/')).status).toBe(200)
})

test('the API itself says what there is', async () => {
  for (const path of ['', '/']) {
    const { status, json } = await get(path)
    expect([status, json.openapi]).toEqual([200, '/api/1.0/openapi.json'])
    for (const resource of json.resources)
      expect((await get(resource.slice('/api/1.0'.length))).status).toBe(200)
    expect(json.resources).toContain('/api/1.0/networks')
  }
})

test('a form as multipart/form-data is carried out', async () => {
  const form = new FormData()
  form.set('uuid', 'nw-form')
  form.set('ipv4_network', '10.3.0.0')
  const sent = new Response(form)
  const contentType = sent.headers.get('content-type') ?? ''
  const body = await sent.text()
  const headers = { 'content-type': contentType }
  const { status, json } = await api.request({ method: 'POST', target: '/api/1.0/networks', headers, body })
  expect([status, json.uuid]).toEqual([200, 'nw-form'])
})

test('a body that is no parameters is refused', async () => {
  const headers = { 'content-type': 'application/xml' }
  const { status, json } = await api.request({
    method: 'POST',
    target: '/api/networks',
    headers,
    body: '<a/>',
  })
  expect([status, json.code]).toEqual([415, '415'])
})

test('it documents itself as the original did, in the format that is asked for', async () => {
  const json = (await get('/browse?format=json')).json
  const route = (name: string) => json.find((one: { route: string }) => one.route === name)
  const { description, parameters } = route('POST  /networks')
  expect(description).toBe('Adds a network.')
  expect(parameters).toContainEqual(
    expect.objectContaining({ name: 'ipv4_network', type: 'String', required: true }),
  )
  const mode = parameters.find((one: { name: string }) => one.name === 'mode')
  expect(mode).toMatchObject({ required: false, in: ['physical', 'virtual', 'internal'] })
  expect(route('DELETE  /networks/:uuid').parameters).toMatchObject([{ name: 'uuid', required: true }])
  expect((await get('/browse?format=yml')).body.includes("- :route: 'POST  /networks'")).toBe(true)
  const page = await get('/browse')
  expect(page.headers['content-type']).toBe('text/html;charset=utf-8')
  expect(page.body.includes('<code>POST  /networks</code>')).toBe(true)
  expect((await get('/browse?format=xml')).json.code).toBe('110')
})
