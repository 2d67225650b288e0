/** Whatever is done in whatever order: what spans datapaths is what the topologies say, computed from nothing. */
import { expect, test } from 'bun:test'
import { allSpanKinds, objectOf, type Span, type SpanKind, spanKinds, spansBy } from '../../state/spans.ts'
import { type Random, randomFrom } from '../random-requests.ts'
import { openTestApi, type TestApi } from '../testing.ts'

const runs = 5
const changesPerRun = 400

type View = TestApi['view']
const all = <T>(rows: { all(): Iterable<T> }) => [...rows.all()]
type Member = { readonly topology_id: number } & Readonly<Record<string, number>>
const membersOf = (view: View, kind: SpanKind) =>
  all(view[spanKinds[kind].members] as unknown as { all(): Iterable<Member> })

/** What a topology, by itself or by a layer, wants of a datapath and something in it. */
interface Wanted {
  readonly topology_id: number
  readonly topology_layer_id: number | null
  readonly interface_id: number
  readonly ip_lease_id: number | null
  readonly underlayId: number
}

function wantedOf(view: View): Map<string, Wanted[]> {
  const wanted = new Map<string, Wanted[]>()
  const layers = [
    ...all(view.topologies).map(({ id }) => ({ id: null, overlay_id: id, underlay_id: id })),
    ...all(view.topologyLayers),
  ]
  for (const kind of allSpanKinds)
    for (const member of membersOf(view, kind))
      for (const layer of layers.filter(({ overlay_id }) => overlay_id === member.topology_id))
        for (const carrier of all(view.topologyDatapaths)) {
          if (carrier.topology_id !== layer.underlay_id) continue
          const key = `${kind} ${carrier.datapath_id} ${member[spanKinds[kind].column]}`
          const { interface_id, ip_lease_id, topology_id: underlayId } = carrier
          const by = { topology_id: member.topology_id, topology_layer_id: layer.id }
          wanted.set(key, [...(wanted.get(key) ?? []), { ...by, interface_id, ip_lease_id, underlayId }])
        }
  return wanted
}

/** Of a group of the underlay, where one has an address; of none, where none has. */
function isAddressRight(view: View, span: Span, { underlayId }: Wanted): boolean {
  const groups = all(view.topologyMacRangeGroups).filter(({ topology_id }) => topology_id === underlayId)
  const own = groups.find(({ id }) => id === span.topology_mac_range_group_id)
  const ranges = all(view.macRanges).filter((range) =>
    groups.some((group) => group.mac_range_group_id === range.mac_range_group_id),
  )
  return span.topology_mac_range_group_id === null ? ranges.length === 0 : own !== undefined
}

function differences(view: View): string[] {
  const wanted = wantedOf(view)
  const found: string[] = []
  for (const { id: datapathId } of all(view.datapaths))
    for (const { kind, span } of spansBy(view, 'datapath', datapathId)) {
      const key = `${kind} ${datapathId} ${objectOf(kind, span)}`
      const claims = wanted.get(key) ?? []
      wanted.delete(key)
      if (span.topology_id === null) continue
      const claim = claims.find((one) =>
        (['topology_id', 'topology_layer_id', 'interface_id', 'ip_lease_id'] as const).every(
          (column) => one[column] === span[column],
        ),
      )
      if (claim === undefined) found.push(`${key} is there: ${JSON.stringify(span)}`)
      else if (!isAddressRight(view, span, claim))
        found.push(`${key} has an address of ${JSON.stringify(span)}`)
    }
  return [...found, ...[...wanted.keys()].map((key) => `${key} is missing`)]
}

const objects = {
  networks: 'nw',
  segments: 'seg',
  route_links: 'rl',
  mac_range_groups: 'mrg',
  underlays: 'topo',
}
const relations = Object.keys(objects) as (keyof typeof objects)[]

interface Thing {
  readonly path: string
  readonly body: { readonly uuid: string }
}

/** What there is three of, in an order in which it can be made. */
function thingsOf(k: number): Thing[] {
  const host = { mode: 'host', owner_datapath_uuid: `dp-${k}` }
  const address = { network_uuid: 'nw-p', ipv4_address: `172.16.0.${k}`, mac_lease_uuid: `ml-${k}` }
  const of = (path: string, uuid: string, values: object = {}) => ({ path, body: { uuid, ...values } })
  return [
    of('/datapaths', `dp-${k}`, { dpid: `${k}`, display_name: '', node_id: '' }),
    of('/networks', `nw-${k}`, { ipv4_network: '10.0.0.0' }),
    of('/segments', `seg-${k}`, { mode: 'virtual' }),
    of('/route_links', `rl-${k}`),
    of('/mac_range_groups', `mrg-${k}`),
    of('/topologies', `topo-${k}`, { mode: k === 1 ? 'simple_overlay' : 'simple_underlay' }),
    of('/interfaces', `if-h${k}a`, { ...host, port_name: 'eth0' }),
    of('/interfaces', `if-h${k}b`, { ...host, port_name: 'eth1' }),
    of('/mac_leases', `ml-${k}`, { interface_uuid: `if-h${k}a`, mac_address: `02:01:00:00:00:0${k}` }),
    of('/ip_leases', `il-${k}`, address),
  ]
}

type Request = readonly [method: string, path: string, body?: object]

/** One request, most of them of something that is there. */
function requestOf(random: Random): Request {
  const of = <T>(list: readonly T[]) => list[random(list.length)]!
  const [n, m, dp] = [1 + random(3), 1 + random(3), 1 + random(3)]
  const method = of(['POST', 'POST', 'DELETE'])
  const relation = of(relations)
  const member = `/topologies/topo-${n}/${relation}/${objects[relation]}-${m}`
  const carrier = { interface_uuid: `if-h${dp}${of(['a', 'b'])}` }
  const carried = of(['networks/nw', 'segments/seg', 'route_links/rl'])
  const { path, body } = of(thingsOf(m))
  const joining = /networks|segments|route_links/.test(path) ? { ...body, topology_uuid: `topo-${n}` } : body
  const range = { begin_mac_address: `02:03:00:00:0${n}:00`, end_mac_address: `02:03:00:00:0${n}:ff` }
  return of<Request>([
    ...Array.from({ length: 6 }, (): Request => [method, member]),
    [of([method, 'PUT']), `/topologies/topo-${n}/datapaths/dp-${dp}`, carrier],
    ['POST', `/topologies/topo-${n}/datapaths/dp-${dp}`, carrier],
    [method, `/datapaths/dp-${dp}/${carried}-${n}`, carrier],
    ['POST', `/mac_range_groups/mrg-${n}/mac_ranges`, range],
    ...Array.from({ length: 3 }, (): Request => ['POST', path, joining]),
    ['DELETE', `${path}/${body.uuid}`],
  ])
}

test.each(Array.from({ length: runs }, (_, index) => index + 1))(
  'seed %d',
  async (seed) => {
    const api = await openTestApi()
    const random = randomFrom(seed)
    const done: string[] = []
    let made = 0
    try {
      await api.call('POST', '/networks', { uuid: 'nw-p', mode: 'physical', ipv4_network: '172.16.0.0' })
      for (const { path, body } of [1, 2, 3].flatMap(thingsOf)) await api.call('POST', path, body)
      for (let count = 0; count < changesPerRun; count++) {
        const [method, path, body] = requestOf(random)
        const { status } = await api.call(method, path, body)
        if (status === 200) done.push(`${method} ${path} ${JSON.stringify(body)}`)
        else expect(status).toBeLessThan(500)
        expect([differences(api.view), done.slice(-3)]).toEqual([[], done.slice(-3)])
        for (const { id } of all(api.view.topologies)) made += spansBy(api.view, 'topology', id).length
      }
      expect(made).toBeGreaterThan(changesPerRun)
    } finally {
      await api.dispose()
    }
  },
  60_000,
)
