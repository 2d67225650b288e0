import { expect, test } from 'bun:test'
import { type Alarm, Alarms } from './alarms.ts'

const alarm = (dpid: string): Alarm => ({
  kind: 'duplicate-datapath',
  dpid,
  peer: {
    direction: 'accepted',
    transport: 'tcp',
    address: 'tcp:192.0.2.1:4000',
    remoteIp: '192.0.2.1',
    local: false,
    certificateName: null,
  },
  problem: { what: 'something', where: 'somewhere' },
})

test('an alarm is repeated once a minute; another one is told at once', () => {
  const told: string[] = []
  const alarms = new Alarms(({ dpid }) => told.push(dpid))
  for (let second = 0; second < 150; second++) alarms.raise(alarm('1'), second * 1_000)
  expect(told).toEqual(['1', '1', '1'])
  alarms.raise(alarm('2'), 149_000)
  expect(told.length).toBe(4)
})

test('what is remembered stays limited', () => {
  let told = 0
  const alarms = new Alarms(() => told++)
  for (let round = 0; round < 2; round++)
    for (let id = 0; id < 1_025; id++) alarms.raise(alarm(String(id)), 0)
  expect(told).toBeGreaterThan(1_025)
})
