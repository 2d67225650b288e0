import { afterAll, beforeAll, expect, test } from 'bun:test'
import { type Place, Rig } from './rig.ts'

let rig: Rig
let red: Place[]
let blue: Place[]
beforeAll(async () => {
  rig = await Rig.start()
  const [redNetwork, blueNetwork] = [rig.network(), rig.network({ encapsulation: 'vxlan' })]
  red = await Promise.all([1, 2, 3].map((n) => rig.place(`red${n}`, redNetwork, `10.0.0.${n}`)))
  blue = await Promise.all([1, 2, 3].map((n) => rig.place(`blue${n}`, blueNetwork, `10.0.0.${n + 10}`)))
  await rig.install()
}, 60_000)
afterAll(() => rig?.stop())

test('pings', async () => {
  console.log(await red[0]!.machine.ping('10.0.0.2'))
  console.log(await red[0]!.machine.ping('10.0.0.3', 2))
  console.log(await red[0]!.machine.ping('10.0.0.3', 2))
  console.log(await blue[0]!.machine.ping('10.0.0.12'))
  console.log(await blue[0]!.machine.ping('10.0.0.13', 2))
  console.log(await blue[0]!.machine.ping('10.0.0.13', 2))
  console.log(await blue[0]!.machine.ping('10.0.0.1'))
  expect(1).toBe(1)
  if (process.env['HOLD']) {
    for (const h of rig.lab.hypervisors) console.log(h.openVswitch.dir, h.openVswitch.netns)
    await Bun.sleep(300_000)
  }
}, 400_000)
