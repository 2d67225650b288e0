/**
 * A web server on a machine of a lab that answers with its name, under a status that can be changed. As a program:
 *
 *   bun tests/support/web-server.ts NAME PORT    answers 200; each line of its input is the status from then on
 */
import { createServer } from 'node:http'
import { resolve } from 'node:path'
import type { Place } from './wire.ts'

export async function webServerAt({ netns, name }: Place, port: number) {
  const program = Bun.spawn(
    ['ip', 'netns', 'exec', netns, process.execPath, resolve(import.meta.path), name, `${port}`],
    { stdin: 'pipe', stdout: 'pipe', stderr: 'inherit' },
  )
  await program.stdout.getReader().read()
  const stop = async () => {
    program.kill('SIGKILL')
    await program.exited
  }
  return {
    async answersWith(status: number): Promise<void> {
      program.stdin.write(`${status}\n`)
      await program.stdin.flush()
    },
    stop,
    [Symbol.asyncDispose]: stop,
  }
}

if (import.meta.main) {
  const [name = '', port] = process.argv.slice(2)
  let status = 200
  process.stdin.on('data', (line) => {
    status = Number(line.toString())
  })
  createServer((request, response) => {
    response.statusCode = request.url === '/ready' ? status : 200
    response.end(name)
  }).listen(Number(port), '0.0.0.0', () => console.log('listening'))
}
