import { expect, test } from 'bun:test'

/** Runs code in a process that ends on faults, and would go on for ever otherwise. */
async function run(code: string) {
  const prelude = `
    import { endOnFault } from ${JSON.stringify(new URL('./last-resort.ts', import.meta.url).pathname)}
    import { createLogger } from ${JSON.stringify(new URL('../../runtime/log.ts', import.meta.url).pathname)}
    endOnFault(createLogger('info'))
    setInterval(() => {}, 1_000)
  `
  const child = Bun.spawn([process.execPath, '-e', prelude + code], { stdout: 'ignore', stderr: 'pipe' })
  const late = setTimeout(() => child.kill('SIGKILL'), 10_000)
  const said = await new Response(child.stderr).text()
  const exitCode = await child.exited
  clearTimeout(late)
  return { exitCode, said }
}

test.each([
  ['a promise that nobody waits for', `void Promise.reject(new Error('by intent'))`],
  ['a callback', `setTimeout(() => { throw new Error('by intent') }, 1)`],
])('an error that nothing catches ends the program with one line: %s', async (_, code) => {
  const { exitCode, said } = await run(code)
  expect(exitCode).toBe(70)
  expect(said.trim().split('\n').length).toBe(1)
  expect(JSON.parse(said)).toMatchObject({
    level: 'error',
    message: expect.stringContaining('a fault of the program'),
    error: expect.stringMatching(/by intent[\s\S]+at /),
  })
})
