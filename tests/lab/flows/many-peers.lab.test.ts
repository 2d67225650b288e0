import { afterAll, beforeAll, expect, test } from 'bun:test'
import { runCommand } from '../../../cli/lab/command.ts'
import { formatMac } from '../../../runtime/openvnet.ts'
import { broadcast, datagram } from '../../support/frames.ts'
import { mac } from '../../support/world.ts'
import { received } from './listen.ts'
import { planOf } from './plan.ts'
import { type Place, Rig, reaches } from './rig.ts'

/** More than one flow holds. */
const others = 1_100

let rig: Rig
let places: Place[]

/** Red has a machine on each node; between them in age it spans very many datapaths that are only told of. */
beforeAll(async () => {
  rig = await Rig.start(planOf({ node1: ['red1'], node2: ['red2'], node3: ['red3'] }))
  const red = rig.network()
  const [one, three] = [await rig.place('red1', red, '10.0.0.1'), await rig.place('red3', red, '10.0.0.3')]
  const hardware = (n: number) => formatMac(mac('02:00:01:00:00:00') + n)
  for (let n = 0; n < others; n++) {
    const address = `192.168.10.${n % 256}`
    const datapath = rig.world.hypervisor(rig.physical('a'), address, hardware(n), 1)
    rig.world.relate(datapath, red, hardware(10_000 + n))
    rig.world.activate(red.id, datapath.id)
  }
  // The physical switch knows where they are, as a real one does. Else it would flood a thousand copies to node2, more
  // than the socket of its Open vSwitch holds on a busy machine.
  const known = Array.from(
    { length: others },
    (_, n) => `fdb add ${hardware(10_000 + n)} dev sw-a self local`,
  )
  await runCommand(['bridge', '-netns', rig.lab.fabric, '-batch', '-'], {}, `${known.join('\n')}\n`)
  places = [one, await rig.place('red2', red, '10.0.0.2'), three]
  await rig.install()
  await reaches(one.machine, '10.0.0.3')
}, 60_000)
afterAll(() => rig?.stop())

test('a broadcast that takes several flows reaches the first and the last peer once, and is one again there', async () => {
  const [from] = places as [Place]
  const frame = datagram([broadcast, from.machine.mac], '10.0.0.1', '255.255.255.255')
  const seen = await received(
    places.map(({ machine }) => machine),
    'udp port 7777',
    () => rig.inject('node1', from.port, frame),
    (lines) => lines['red2']!.length > 0 && lines['red3']!.length > 0,
  )
  expect(seen['red1']).toEqual([])
  for (const name of ['red2', 'red3']) {
    expect(seen[name]).toHaveLength(1)
    expect(seen[name]![0]).toContain(`> ${broadcast}`)
  }
}, 60_000)
