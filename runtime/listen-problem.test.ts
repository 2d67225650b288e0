import { expect, test } from 'bun:test'
import { isInUse, listenProblem, nameProblem } from './listen-problem.ts'

/** What Bun throws for an address that cannot be listened at. */
function listen(hostname: string, port: number): unknown {
  try {
    Bun.serve({ hostname, port, fetch: () => new Response() }).stop()
    throw new Error('it could be listened at')
  } catch (error) {
    return error
  }
}

test('a port that is taken, an address of another machine', () => {
  const server = Bun.serve({ hostname: '127.0.0.1', port: 0, fetch: () => new Response() })
  const taken = listen('127.0.0.1', server.port!)
  const address = `127.0.0.1:${server.port}`
  server.stop()
  expect(isInUse(taken)).toBe(true)
  expect(listenProblem(taken, '--http', address)).toEqual({
    what: 'is in use by another program',
    where: `--http ${address}`,
    hint: 'Choose another with --http.',
  })
  const elsewhere = listenProblem(listen('192.0.2.1', 9_090), '--http', '192.0.2.1:9090')
  expect(elsewhere.what).toBe('is no address of this machine')
})

test('a name that nobody has', async () => {
  const problem = await nameProblem('nobody.invalid', '--http', 'nobody.invalid:9090')
  expect(problem?.what).toContain('nobody.invalid does not resolve')
  for (const host of ['localhost', '127.0.0.1', '::'])
    expect(await nameProblem(host, '--http', `${host}:9090`)).toBeUndefined()
})
