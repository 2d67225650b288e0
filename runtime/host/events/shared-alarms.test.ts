import { afterEach, beforeEach, expect, test } from 'bun:test'
import { StateView } from '../../../db/state/view.ts'
import { openTestStore } from '../../../db/testing.ts'
import { SharedAlarms, sharedAlarmLimits } from './shared-alarms.ts'

let database: Awaited<ReturnType<typeof openTestStore>>
let view: StateView
let commits: number
beforeEach(async () => {
  database = await openTestStore({})
  view = new StateView()
  view.load(await database.store.snapshot())
  commits = 0
  database.store.onChanges((changes) => {
    commits++
    view.applyInto(changes)
  })
})
afterEach(() => database.dispose())

const alarms = () => [...view.alarms.all()]
async function written(count: number): Promise<void> {
  while (view.alarms.size < count) await Bun.sleep(1)
}
const sharing = (sameMs?: number) =>
  new SharedAlarms(null, () => ({ state: { view }, store: database.store }), sameMs)
const knock = (port: number, about = 'if-a') =>
  ({ name: 'denied', message: `port ${port}`, fields: { port }, about: [about] }) as const

test('who knocks without end is one row now, and one of how often at the end of the time', async () => {
  const sameMs = 200
  const shared = sharing(sameMs)
  const until = performance.now() + sameMs / 2
  let times = 0
  while (performance.now() < until) {
    shared.add(knock(++times))
    await Bun.sleep(1)
  }
  await written(1)
  expect(alarms()[0]).toMatchObject({ message: 'port 1', fields: '{"port":1}' })
  expect(commits).toBe(1)
  await written(2)
  const [, repeated] = alarms()
  expect(repeated!.message).toBe(`port ${times}`)
  expect(JSON.parse(repeated!.fields)).toEqual({ port: times, times: times - 1 })
  // Quiet for as long: the next is told at once, as the first.
  await Bun.sleep(2 * sameMs)
  shared.add(knock(7))
  await written(3)
  expect(alarms()[2]!.fields).toBe('{"port":7}')
  shared.close()
})

test('alarms of one name are about so many objects, and those of others are written all the same', async () => {
  const { objectsPerName } = sharedAlarmLimits
  const shared = sharing()
  for (let n = 0; n < 10 * objectsPerName; n++) shared.add(knock(n, `if-${n}`))
  shared.add({ name: 'bridge-refused', message: 'another', about: ['dp-a'] })
  await written(objectsPerName + 1)
  expect(alarms().map(({ about }) => about)).toEqual([
    ...Array.from({ length: objectsPerName }, (_, n) => `if-${n}`),
    'dp-a',
  ])
  shared.close()
})
