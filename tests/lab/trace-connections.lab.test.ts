/** The way of packets where connections are tracked: as Open vSwitch says up to there, and then as packets show. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import type { CtVerdict } from '../../runtime/host/trace/conntrack.ts'
import { agreedTrace } from '../support/agreed-trace.ts'
import type { Network } from '../support/network.ts'
import { reaches } from '../support/reach.ts'
import { addresses, startRoutedNetwork } from '../support/routed-network.ts'
import { type Served, serve, talks } from '../support/talk.ts'

let network: Network
let served: Served | undefined
const machine = (name: string) => network.lab.machine(name)
beforeAll(async () => {
  network = await startRoutedNetwork()
  served = await serve(machine('green1'), ['tcp:22', 'tcp:80'])
  // The first packets of tunnels are lost.
  await reaches(machine('green3'), addresses.green1)
  await reaches(machine('red1'), addresses.green3)
  const change = (method: string, path: string, body?: object) =>
    network.host.api(method, `${path}?wait=applied`, body)
  await change('POST', '/security_groups', { uuid: 'sg-web', display_name: 'web', rules: 'tcp:80:0.0.0.0/0' })
  await change('POST', '/security_groups/sg-web/interfaces/if-green1')
  await change('PUT', '/interfaces/if-green1', { ingress_filtering_enabled: true })
  await network.check()
}, 60_000)
afterAll(async () => {
  await served?.stop()
  await network?.stop()
})

const agreed = (interface_uuid: string, packet: string, verdict?: CtVerdict) =>
  agreedTrace(network, interface_uuid, packet, verdict)
const to = (port: number) => `tcp,dst=${addresses.green1},dst_port=${port}`

test('a rule lets a new connection pass, by the router, over the wire and through a tunnel; without one it does not', async () => {
  for (const name of ['red1', 'green2', 'green3']) {
    const passed = await agreed(`if-${name}`, to(80), 'new')
    expect([name, passed.delivered_to]).toEqual([name, ['if-green1']])
    expect(await talks(machine(name), addresses.green1, 'tcp:80')).toBe(true)
    const denied = await agreed(`if-${name}`, to(22), 'new')
    expect([name, denied.delivered_to]).toEqual([name, []])
    expect(denied.hops.at(-1)!.ends).toMatchObject([{ outcome: 'punted', function: 'denied' }])
    expect(await talks(machine(name), addresses.green1, 'tcp:22')).toBe(false)
  }
}, 60_000)

test('the rule that lets a connection pass is named, and the member by whom it does; so is the group that has none', async () => {
  const change = (method: string, path: string, body?: object) =>
    network.host.api(method, `${path}?wait=applied`, body)
  await change('POST', '/security_groups', { uuid: 'sg-friends', display_name: 'friends' })
  await change('POST', '/security_groups/sg-friends/interfaces/if-green3')
  await change('PUT', '/security_groups/sg-web', { rules: 'tcp:80:0.0.0.0/0,tcp:22:sg-friends' })
  const decided = async (name: string, port: number) => {
    const { hops, delivered_to } = await agreed(`if-${name}`, to(port), 'new')
    const steps = hops.at(-1)!.steps.filter(({ table }) => /Rules$|groupMembers/.test(table))
    const { outcome, function: handedTo } = hops.at(-1)!.ends[0]!
    const rules = steps.map(({ table, feature, object, match }) => [
      ...[table, feature, object],
      /ct_tp_dst=\d+/.exec(match ?? '')?.[0] ?? null,
    ])
    return { delivered_to, ends: [outcome, handedTo], rules }
  }
  const rule = (port: number | null) => {
    const said = port === null ? null : `ct_tp_dst=${port}`
    return ['ingressRules', 'securityGroup', 'sg-web', said]
  }
  const nobody = ['groupMembers', null, null, null]
  const passed = { delivered_to: ['if-green1'], ends: ['delivered', null] }
  expect(await decided('red1', 80)).toEqual({ ...passed, rules: [rule(80)] })
  const friend = ['groupMembers', 'groupMember', 'if-green3', null]
  expect(await decided('green3', 22)).toEqual({ ...passed, rules: [rule(22), friend, nobody] })
  const denied = { delivered_to: [], ends: ['punted', 'denied'] }
  // A rule is about its port, but for nobody like this one; and a port that no rule is about.
  expect(await decided('green2', 22)).toEqual({ ...denied, rules: [rule(22), nobody, nobody] })
  expect(await decided('green2', 23)).toEqual({ ...denied, rules: [rule(null), nobody] })
  expect(await talks(machine('green3'), addresses.green1, 'tcp:22')).toBe(true)
  expect(await talks(machine('green2'), addresses.green1, 'tcp:22')).toBe(false)
  await change('PUT', '/security_groups/sg-web', { rules: 'tcp:80:0.0.0.0/0' })
}, 60_000)

test('what it sends itself passes, and is answered; what belongs to no connection does not', async () => {
  const sent = await agreed('if-green1', `tcp,dst=${addresses.green2},dst_port=22`, 'new')
  expect(sent.delivered_to).toEqual(['if-green2'])
  const answer = `tcp,dst=${addresses.green1},src_port=22,dst_port=40000`
  expect((await agreed('if-green2', answer, 'rpl')).delivered_to).toEqual(['if-green1'])
  expect((await agreed('if-green2', answer, 'inv')).delivered_to).toEqual([])
}, 60_000)

test('routed over hypervisors, and between tenants never', async () => {
  const far = await agreed('if-red1', `icmp,dst=${addresses.green3}`)
  expect(far.delivered_to).toEqual(['if-green3'])
  expect(far.hops.map(({ datapath_uuid }) => datapath_uuid)).toEqual(['dp-node1', 'dp-node3'])
  const late = await agreed('if-red1', `icmp,dst=${addresses.green2},ttl=1`)
  expect(late.hops[0]!.ends).toMatchObject([{ outcome: 'punted', function: 'icmp' }])
  expect((await agreed('if-blue1', `icmp,dst=${addresses.green1}`)).delivered_to).toEqual(['if-cyan2'])
}, 60_000)
