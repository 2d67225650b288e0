/** What IPv6 costs, and that it costs nothing where there is none. */
import { expect, test } from 'bun:test'
import { computeAll } from '../../../tests/support/compute-all.ts'
import { World } from '../../../tests/support/world.ts'
import { pipeline } from '../pipeline.ts'

/** Two hypervisors on a wire, with machines of one network. */
function world(ipv6: boolean) {
  const made = new World()
  const physical = made.network({ mode: 'physical' })
  const here = made.hypervisor(physical, '10.0.0.101', '02:00:00:00:00:01', 1)
  const there = made.hypervisor(physical, '10.0.0.102', '02:00:00:00:00:02', 1)
  const network = made.network(ipv6 ? { ipv6_network: '2001:db8::', ipv6_prefix: 64 } : {})
  const add = (datapathId: number, port: number, mac: string, last: number) => {
    made.machine(network, datapathId, port, mac, `10.0.0.${last}`)
    const lease = made.rows('ipLeases').at(-1)!
    if (ipv6) made.update('ipLeases', lease.id, { ipv6_address: `2001:db8::${last}` })
  }
  made.relate(here, network, '02:00:00:0d:00:01')
  made.relate(there, network, '02:00:00:0d:00:02')
  add(here.id, 5, '52:54:00:00:00:05', 5)
  add(there.id, 5, '52:54:00:00:00:15', 15)
  const flows = () => computeAll(made.state(), here.id).flows
  return { here, there, add, flows }
}

/** Flows for one more machine here, and for one over the wire. */
function costs(ipv6: boolean) {
  const { here, there, add, flows } = world(ipv6)
  const before = flows().length
  add(here.id, 6, '52:54:00:00:00:06', 6)
  const withOne = flows().length
  add(there.id, 6, '52:54:00:00:00:16', 16)
  return { here: withOne - before, overTheWire: flows().length - withOne }
}

test('a machine costs twice the flows with IPv6, and none more without', () => {
  expect(costs(false)).toEqual({ here: 9, overTheWire: 3 })
  expect(costs(true)).toEqual({ here: 18, overTheWire: 5 })
})

test('where no network has it, nothing is about IPv6', () => {
  const { tables } = pipeline
  const own: readonly number[] = [tables.solicitation.id, tables.advertisement.id, tables.discovery.id]
  const all = (ipv6: boolean) =>
    world(ipv6)
      .flows()
      .filter(({ table, priority }) => own.includes(table) && priority > 0)
  expect(all(false)).toEqual([])
  expect(all(true).length).toBeGreaterThan(10)
})
