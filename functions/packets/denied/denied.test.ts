import { expect, test } from 'bun:test'
import { silent } from '../../../runtime/log.ts'
import { ethernet, ipv4, udp } from '../../../tests/support/frames.ts'
import { World } from '../../../tests/support/world.ts'
import { pipeline } from '../../flows/pipeline.ts'
import { punted } from '../../testing/packet.ts'
import denied from './denied.ts'

const [guest, other] = ['52:54:00:00:00:01', '52:54:00:00:00:02']
const world = new World()
const network = world.network()
const inside = world.machine(network, 1, 10, guest, '10.0.0.1')
const outside = world.machine(network, 1, 11, other, '10.0.0.2')
const state = world.state()
const { inInterface, outInterface, network: networkField } = pipeline.registers

function told(frame: string, ids: { in: number; out: number }) {
  const values = new Map<number, number>([
    [inInterface.bits[0], ids.in],
    [outInterface.bits[0], ids.out],
    [networkField.bits[0], network.tunnel_key_id],
  ])
  const packet = punted(Uint8Array.fromHex(frame), {
    tableId: pipeline.tables.toDenied.id,
    register: (number) => values.get(number) ?? 0,
  })
  return denied.handle(packet, {
    ...{ state, now: 0, random: () => 0, log: silent },
    ...{ draft: () => state as never, remembered: () => undefined },
  })
}

const datagram = ethernet(guest, other, 0x0800, ipv4('10.0.0.2', '10.0.0.1', 17, udp(1_234, 53)))

test('who wanted what of whom is told, of the interface that does not hear it', () => {
  expect(told(datagram, { in: outside.id, out: inside.id })).toEqual({
    type: 'alarm',
    name: 'denied',
    message: `${inside.uuid} does not hear: udp 10.0.0.2:1234 → 10.0.0.1:53`,
    fields: {
      ...{ direction: 'ingress', interface_uuid: inside.uuid, sender_uuid: outside.uuid },
      ...{ network_uuid: network.uuid, protocol: 'udp' },
      ...{ source: '10.0.0.2', destination: '10.0.0.1', source_port: 1_234, destination_port: 53 },
    },
    about: [inside.uuid, network.uuid, outside.uuid],
  })
  expect(told(datagram, { in: outside.id, out: outside.id })).toMatchObject({
    message: `${outside.uuid} may not send: udp 10.0.0.2:1234 → 10.0.0.1:53`,
    fields: { direction: 'egress' },
  })
})

test('whatever is cut off or makes no sense is told as far as it goes; of an interface that is gone nothing', () => {
  for (let length = 0; length <= datagram.length; length += 2)
    expect(told(datagram.slice(0, length), { in: 0, out: inside.id })).toMatchObject({
      type: 'alarm',
      about: [inside.uuid, network.uuid],
    })
  expect(told(ethernet(guest, other, 0x88cc, '00'), { in: 0, out: inside.id })).toMatchObject({
    message: `${inside.uuid} does not hear: 0x88cc`,
  })
  expect(told(datagram, { in: 0, out: 999 })).toMatchObject({ type: 'drop' })
})
