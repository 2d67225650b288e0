import { expect, test } from 'bun:test'
import { createSocket } from 'node:dgram'
import type { AddressInfo } from 'node:net'
import { type Exchange, exchangeUdp } from './udp-exchange.ts'

const loopback = { type: 'exchange', transport: 'udp', address: 0x7f00_0001, payload: 'null' } as const

test('a socket that cannot be opened is no answer', async () => {
  const request: Exchange = {
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
  const request: Exchange = {
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
