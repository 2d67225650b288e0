import { afterEach, expect, test } from 'bun:test'
import { place } from '../engine/testing.ts'
import type { Flow, FlowFunction } from '../flow.ts'
import { type FlowLab, startFlowLab } from './testing-lab.ts'

const timeout_ms = 60_000

const labs: FlowLab[] = []
afterEach(async () => {
  for (const lab of labs.splice(0)) await lab.stop()
}, timeout_ms)

/** The port number of a place stands for who has the zone of the place's id. */
const claim = (zone: number, owner: number): Flow => ({
  table: 30,
  priority: 1,
  cookie: BigInt(owner),
  match: [{ field: 'ct_zone', value: zone }],
  instructions: [],
  claimsZone: zone,
})
const datapath: FlowFunction = ({ datapathId }, state) => ({
  flows: state.activeInterfaces
    .many('datapath', datapathId)
    .map(({ id, port_number }) => claim(id, port_number!)),
})

const datagram =
  '020000000002020000000001' + '0800' + '4500001c00000000401166cf0a0000010a000002' + '0001000200080000'

/** Leaves a connection in each zone. */
const leave = async (lab: FlowLab, ...zones: number[]) => {
  for (const zone of zones)
    await lab.ovs.ofctl(
      'packet-out',
      'br0',
      `in_port=LOCAL packet=${datagram} actions=ct(commit,zone=${zone})`,
    )
}
const remembered = async (lab: FlowLab) =>
  [...(await lab.ovs.appctl('dpctl/dump-conntrack')).matchAll(/zone=(\d+)/g)]
    .map(([, zone]) => Number(zone))
    .sort()

test(
  'who gets a zone finds it empty, who keeps one keeps what is in it: also over a host that was away',
  async () => {
    const lab = await startFlowLab({ datapath }, { limits: { auditIntervalMs: 3_600_000 } })
    labs.push(lab)
    for (const zone of [5, 6]) lab.state.put('activeInterfaces', zone, place(zone, 1, 100 + zone))
    await lab.connect()
    await leave(lab, 5, 6)
    expect(await remembered(lab)).toEqual([5, 6])

    lab.push(lab.state.put('activeInterfaces', 5, place(5, 1, 200)))
    await lab.settled()
    expect(await remembered(lab)).toEqual([6])

    lab.push(lab.state.put('activeInterfaces', 7, place(7, 1, 107)))
    await lab.settled()
    await leave(lab, 5, 7)
    lab.disconnect()
    await lab.connect()
    expect(await remembered(lab)).toEqual([5, 6, 7])

    // While nobody serves the switch one changes hands, one is given up, and another comes whose zone is not empty.
    lab.disconnect()
    await leave(lab, 8)
    lab.engine.change(lab.state.put('activeInterfaces', 6, place(6, 1, 206)))
    lab.engine.change(lab.state.remove('activeInterfaces', 7))
    lab.engine.change(lab.state.put('activeInterfaces', 8, place(8, 1, 108)))
    await lab.connect()
    expect(await remembered(lab)).toEqual([5, 7])
    lab.push(lab.state.put('activeInterfaces', 7, place(7, 1, 107)))
    await lab.settled()
    expect(await remembered(lab)).toEqual([5])
    expect(await lab.differences()).toEqual([])
    expect(lab.problems).toEqual([])
  },
  timeout_ms,
)
