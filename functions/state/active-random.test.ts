/** Whatever happens, in any order: what is active is what follows from ports, claims and memberships, from nothing. */
import { expect, test } from 'bun:test'
import { createDraft } from '../../db/state/draft.ts'
import type { State } from '../../runtime/openvnet.ts'
import { openTestApi, type TestApi } from '../api/testing.ts'
import { deriveActive } from './active.ts'
import { portAdded, portRemoved, portsListed } from './ports.ts'

const seeds = 4
const stepsEach = 120
const names = ['tap1', 'tap2', 'tap3', 'tap4']
const datapaths = ['dp-1', 'dp-2', 'dp-3']
const interfaces = ['if-1', 'if-2', 'if-3', 'if-4', 'if-5', 'if-6']
const networks = ['nw-1', 'nw-2']

/** mulberry32 */
function randomOf(seed: number) {
  let state = seed
  return (below: number) => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) % below
  }
}

/** One thing that a client or a switch does; the API refuses some of it. */
function stepOf(api: TestApi, random: (below: number) => number) {
  const pick = <T>(list: readonly T[]): T => list[random(list.length)]!
  const datapath = pick(datapaths)
  const uuid = pick(interfaces)
  const port_name = pick(names)
  const portOf = (portName: string) => ({
    portName,
    portNumber: 1 + random(6),
    ifaceId: random(4) === 0 ? pick(names) : null,
    uplink: false,
    linked: random(3) > 0,
  })
  const onSwitch = (change: (draft: Parameters<typeof portAdded>[0], id: number) => void) => {
    const id = api.view.datapaths.one('uuid', datapath)?.id
    return id === undefined ? undefined : api.write((draft) => change(draft, id))
  }
  const somewhere = () => (random(3) === 0 ? {} : { datapath_uuid: datapath })
  const steps = {
    'add interface': () =>
      api.call('POST', '/interfaces', {
        uuid,
        mode: 'vif',
        port_name,
        ...(random(2) === 0 ? {} : { owner_datapath_uuid: datapath }),
        network_uuid: pick(networks),
        mac_address: `52:54:00:00:00:${10 + random(90)}`,
        ipv4_address: `10.0.0.${1 + random(200)}`,
      }),
    'delete interface': () => api.call('DELETE', `/interfaces/${uuid}`),
    'add claim': () =>
      api.call('POST', `/interfaces/${uuid}/ports`, { ...somewhere(), port_name, singular: random(2) === 0 }),
    'delete claims': () => api.call('DELETE', `/interfaces/${uuid}/ports`, somewhere()),
    'move interface': () => api.call('PUT', `/interfaces/${uuid}`, { owner_datapath_uuid: datapath }),
    'join network': () =>
      api.call('PUT', `/interfaces/${uuid}/networks/${pick(networks)}`, { static: random(2) === 0 }),
    'add port': () => onSwitch((draft, id) => portAdded(draft, id, portOf(port_name))),
    'remove port': () => onSwitch((draft, id) => portRemoved(draft, id, port_name)),
    'list ports': () =>
      onSwitch((draft, id) => {
        const listed = names.filter(() => random(2) === 0)
        portsListed(
          draft,
          id,
          listed.map((name, i) => ({ ...portOf(name), portNumber: 1 + i })),
        )
      }),
    'delete datapath': () => (random(3) === 0 ? api.call('DELETE', `/datapaths/${datapath}`) : undefined),
    'add datapath': () => addDatapath(api, datapath),
  }
  const more = ['add interface', 'add interface', 'add port', 'add port', 'add port', 'add datapath'] as const
  const name = pick([...(Object.keys(steps) as (keyof typeof steps)[]), ...more])
  return { name: `${name} ${uuid} ${datapath} ${port_name}`, run: steps[name] }
}

const addDatapath = (api: TestApi, uuid: string) =>
  api.call('POST', '/datapaths', { uuid, dpid: uuid.slice(3), display_name: uuid, node_id: uuid })

function activeIn(state: State) {
  const list = (rows: Iterable<readonly (string | number | null)[]>) =>
    [...rows].map((row) => row.join()).sort()
  return {
    interfaces: list(
      [...state.activeInterfaces.all()].map((row) => [
        row.interface_id,
        row.datapath_id,
        row.port_name,
        row.port_number,
      ]),
    ),
    networks: list([...state.activeNetworks.all()].map((row) => [row.network_id, row.datapath_id])),
  }
}

/** As if nothing had been active and everything had been touched. */
function derivedAnew(state: State) {
  const { draft } = createDraft(state, 0)
  for (const row of [...draft.activeInterfaces.all()]) draft.activeInterfaces.delete(row.id)
  for (const row of [...draft.activeNetworks.all()]) draft.activeNetworks.delete(row.id)
  deriveActive(draft, { interfaceIds: [...draft.interfaces.all()].map(({ id }) => id) })
  return activeIn(draft)
}

test.each(Array.from({ length: seeds }, (_, i) => i + 1))(
  'what is active follows (seed %d)',
  async (seed) => {
    const random = randomOf(seed)
    const api = await openTestApi()
    let most = 0
    try {
      for (const uuid of datapaths) await addDatapath(api, uuid)
      for (const uuid of networks) await api.call('POST', '/networks', { uuid, ipv4_network: '10.0.0.0' })
      for (let step = 0; step < stepsEach; step++) {
        const { name, run } = stepOf(api, random)
        await run()
        const active = activeIn(api.view)
        expect({ step, name, ...active }).toEqual({ step, name, ...derivedAnew(api.view) })
        most = Math.max(most, active.interfaces.length)
      }
      expect(most).toBeGreaterThan(2)
    } finally {
      await api.dispose()
    }
  },
)
