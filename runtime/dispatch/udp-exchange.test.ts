import { expect, test } from 'bun:test'
import { createSocket } from 'node:dgram'
import type { AddressInfo } from 'node:net'
import { type Exchange, exchangeUdp } from './udp-exchange.ts'

const loopback = { type: 'exchange', transport: 'udp', address: 0x7f00_0001, payload: 'null' } as const

test('a socket that cannot be opened is no answer', async () => {
  const request: Omit<Exchange, 'join'> = {
    ...loopback,
    port: 70_000,
    message: new Uint8Array(1),
    expect: new Uint8Array(),
    timeoutMs: 3_000,
  }
  const began = performance.now()
  expect(await new Promise((done) => exchangeUdp(request, done))).toBeNull()
  expect(performance.now() - began).toBeLessThan(2_500)
})

test('a socket that throws costs the exchange only', async () => {
  const server = createSocket('udp4')
  await new Promise<void>((resolve) => server.bind(0, '127.0.0.1', resolve))
  const request: Omit<Exchange, 'join'> = {
    ...loopback,
    port: (server.address() as AddressInfo).port,
    // More than a datagram holds.
    message: new Uint8Array(70_000),
    expect: new Uint8Array(),
    timeoutMs: 3_000,
  }
  const began = performance.now()
  expect(await new Promise((done) => exchangeUdp(request, done))).toBeNull()
  expect(performance.now() - began).toBeLessThan(2_500)
  server.close()
})

test('a server with an IPv6 address is asked as any', async () => {
  const server = createSocket('udp6')
  server.on('message', (message, from) => server.send(Buffer.from([...message, 7]), from.port, from.address))
  await new Promise<void>((resolve) => server.bind(0, '::1', resolve))
  const request: Omit<Exchange, 'join'> = {
    ...{ ...loopback, address: '::1', port: (server.address() as AddressInfo).port },
    ...{ message: Uint8Array.of(5), expect: Uint8Array.of(5), timeoutMs: 3_000 },
  }
  expect(await new Promise((done) => exchangeUdp(request, done))).toEqual(Uint8Array.of(5, 7))
  server.close()
})
