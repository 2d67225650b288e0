import { afterAll, afterEach, beforeAll, expect, test } from 'bun:test'
import { isAsWanted, measureMatrix } from '../../cli/vnet/demo/matrix.ts'
import { type Network, startNetwork } from '../support/network.ts'

let network: Network
beforeAll(async () => {
  network = await startNetwork()
})
afterAll(() => network?.stop())
afterEach(() => network.check())

test('two tenants with the same addresses reach their own machines everywhere, and never the other’s', async () => {
  const { machines } = network.lab
  const addressed = await Promise.all(
    machines.map(async (machine) => ({ machine, address: (await machine.dhcp()).address })),
  )
  expect(addressed.map(({ machine, address }) => `${machine.name} ${address}`)).toEqual([
    'red1 10.0.0.11',
    'blue1 10.0.0.11',
    'red2 10.0.0.12',
    'blue2 10.0.0.12',
    'red3 10.0.0.13',
    'blue3 10.0.0.13',
  ])
  const matrix = await measureMatrix(addressed)
  expect(isAsWanted(matrix, (machine) => machine.name.slice(0, -1))).toBe(true)
})

test('hypervisors reach each other over the ports that carry the networks', async () => {
  const [node1] = network.lab.hypervisors
  await node1!.openVswitch.exec('ping', '-c', '1', '-W', '2', '192.168.10.12')
  await node1!.openVswitch.exec('ping', '-c', '1', '-W', '2', '192.168.20.13')
})
