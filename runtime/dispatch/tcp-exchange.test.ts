import { afterAll, expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { exchangeTcp } from './tcp-exchange.ts'
import type { Exchange } from './udp-exchange.ts'

const cleanUps: (() => void)[] = []
afterAll(() => {
  for (const cleanUp of cleanUps) cleanUp()
})

const request = (port: number, timeoutMs: number): Omit<Exchange, 'join'> => ({
  type: 'exchange',
  transport: 'tcp',
  address: 0x7f00_0001,
  port,
  message: Uint8Array.of(1, 2),
  expect: new Uint8Array(),
  timeoutMs,
  payload: 'null',
})
const answerOf = (asked: Omit<Exchange, 'join'>) =>
  new Promise<Uint8Array | null>((resolve) => exchangeTcp(asked, resolve))

/** SYN_SENT in proc(5). */
const connecting = '02'
/** Sockets that have sent a SYN to a local port, and nothing came back. */
const connectingTo = (port: number) =>
  readFileSync('/proc/self/net/tcp', 'utf8')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(
      ([, , remote, state]) => state === connecting && Number.parseInt(remote!.split(':')[1]!, 16) === port,
    ).length

/** A port that no more answers to a SYN: it is stopped, and its backlog is full. */
async function silentPort(): Promise<number> {
  const serve = `const server = require('node:net').createServer().listen(0, '127.0.0.1', () => console.log(server.address().port))`
  const child = Bun.spawn([process.execPath, '-e', serve], { stdout: 'pipe' })
  cleanUps.push(() => child.kill('SIGKILL'))
  const { value } = await child.stdout.getReader().read()
  const port = Number(new TextDecoder().decode(value))
  child.kill('SIGSTOP')
  const fillers: Socket[] = []
  cleanUps.push(() => {
    for (const filler of fillers) filler.destroy()
  })
  while (connectingTo(port) === 0) {
    if (fillers.length > 5_000) throw new Error('a backlog without end')
    for (let count = 0; count < 64; count++) fillers.push(connect(port, '127.0.0.1').on('error', () => {}))
    await Bun.sleep(20)
  }
  return port
}

test('whoever does not answer to a connection keeps no socket when the time is over', async () => {
  const port = await silentPort()
  const before = connectingTo(port)
  const answers = [1, 2, 3, 4].map(() => answerOf(request(port, 200)))
  const cancel = exchangeTcp(request(port, 60_000), () => {})
  await Bun.sleep(50)
  expect(connectingTo(port)).toBe(before + 5)
  cancel()
  expect(await Promise.all(answers)).toEqual([null, null, null, null])
  const until = performance.now() + 3_000
  while (connectingTo(port) > before && performance.now() < until) await Bun.sleep(5)
  expect(connectingTo(port)).toBe(before)
}, 20_000)

test('an answer of no bytes is none, at once', async () => {
  const server = createServer((socket) => {
    socket.on('error', () => {})
    socket.write(Buffer.from('0000', 'hex'))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  cleanUps.push(() => server.close())
  const began = performance.now()
  expect(await answerOf(request((server.address() as AddressInfo).port, 5_000))).toBeNull()
  expect(performance.now() - began).toBeLessThan(4_000)
})
