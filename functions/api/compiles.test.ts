/** The API accepts no state that flows cannot be made from: whatever was accepted, no flow function fails or conflicts. */
import { expect, test } from 'bun:test'
import { createEngine } from '../../runtime/pipeline/engine/engine.ts'
import flows from '../flows/flows.ts'
import { deriveActive } from '../state/active.ts'
import { firstRequests, type Random, randomFrom, requestFrom } from './random-requests.ts'
import { openTestApi, type TestApi } from './testing.ts'

const runs = 8
const requestsPerRun = 600
const checkEvery = 40

/** A port comes to some switch, or goes, as events have it. */
function plug(api: TestApi, random: Random): Promise<void> {
  return api.write((draft) => {
    const datapaths = [...draft.datapaths.all()]
    const datapath = datapaths[random(datapaths.length)]
    if (datapath === undefined) return
    const port_name = ['tap0', 'tap1', 'eth0'][random(3)]!
    const present = draft.activePorts.one('name', datapath.id, port_name)
    if (present !== undefined) draft.activePorts.delete(present.id)
    else
      draft.activePorts.insert({
        datapath_id: datapath.id,
        port_name,
        port_number: 1 + ['tap0', 'tap1', 'eth0'].indexOf(port_name),
        iface_id: null,
      })
    deriveActive(draft, { portNames: [port_name] })
  })
}

async function runOnce(seed: number): Promise<number> {
  const api = await openTestApi()
  const random = randomFrom(seed)
  const engine = createEngine({ functions: flows.features, state: api.view, onProblem() {} })
  let compiled = 0
  try {
    for (const request of firstRequests) await api.request(request)
    for (let count = 1; count <= requestsPerRun; count++) {
      if (random(10) === 0) await plug(api, random)
      else await api.request(requestFrom(random))
      if (count % checkEvery !== 0) continue
      for (const { id } of api.view.datapaths.all()) {
        const { problems, flows: made } = engine.recompute(id)
        expect(problems).toEqual([])
        compiled += made.size
      }
    }
    return compiled
  } finally {
    await api.dispose()
  }
}

test.each(Array.from({ length: runs }, (_, index) => index + 1))(
  'seed %d',
  async (seed) => {
    expect(await runOnce(seed)).toBeGreaterThan(0)
  },
  60_000,
)
