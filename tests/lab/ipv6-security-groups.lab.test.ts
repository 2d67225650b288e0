/** Security groups, filters and IPv6: whom a guarded machine hears on the same hypervisor, over the wire and through a tunnel. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'bun:test'
import { agreedTrace } from '../support/agreed-trace.ts'
import { askRaw, queryText } from '../support/dns-client.ts'
import { correct, discovery } from '../support/frames-ipv6.ts'
import {
  addresses,
  ipv6Plan,
  ipv6Requests,
  linkLocal,
  type Name,
  prefix,
  usable,
} from '../support/ipv6-network.ts'
import { whereTheyArrive } from '../support/marked.ts'
import { type Network, startNetwork } from '../support/network.ts'
import { isSilent, reaches } from '../support/reach.ts'
import { heardBy, hold, type Served, type Service, serve, talks } from '../support/talk.ts'

let network: Network
const served: Served[] = []
const machine = (name: Name) => network.lab.machine(name)
const reds = ['red1', 'red2', 'red3', 'red4'] as const
const services: readonly Service[] = ['tcp:22', 'tcp:80', 'udp:53']
/** Packets obey once Open vSwitch has looked at its caches again. */
async function change(method: string, path: string, body?: object): Promise<void> {
  await network.host.api(method, `${path}?wait=applied`, body)
  await network.lab.hypervisor('node1').openVswitch.appctl('revalidator/wait')
}
const rules = (text: string) => change('PUT', '/security_groups/sg-web', { rules: text })

beforeAll(async () => {
  network = await startNetwork(ipv6Plan, ipv6Requests)
  await Promise.all(
    reds.map(async (name) => {
      const { exec } = { exec: (...command: string[]) => machine(name).exec(...command) }
      await exec('ip', '-6', 'address', 'replace', `${addresses[name]}/64`, 'dev', 'eth0', 'nodad')
      await usable(network, name, linkLocal(name))
      served.push(await serve(machine(name), services))
    }),
  )
  for (const name of reds.slice(1)) await reaches(machine(name), addresses.red1)
  await change('POST', '/security_groups', { uuid: 'sg-friends', display_name: 'friends' })
  await change('POST', '/security_groups', { uuid: 'sg-web', display_name: 'web' })
  await change('POST', '/security_groups/sg-friends/interfaces/if-red3')
}, 60_000)
afterAll(async () => {
  for (const one of served) await one.stop()
  await network?.stop()
})
afterEach(() => network.check())

/** What of red 1 others get through to. */
async function heard(from: Name): Promise<string[]> {
  const [ping, ...talking] = await Promise.all([
    isSilent(machine(from), addresses.red1).then((silent) => !silent),
    ...services.map((service) => talks(machine(from), addresses.red1, service)),
  ])
  return [...(ping ? ['icmp'] : []), ...services.filter((_, at) => talking[at])]
}

test('a guarded machine hears nobody without a group, but its neighbours, and what it asked for', async () => {
  expect(await heard('red2')).toEqual(['icmp', ...services])
  await change('PUT', '/interfaces/if-red1', { ingress_filtering_enabled: true })
  for (const name of ['red2', 'red3', 'red4'] as const) {
    expect(await heard(name)).toEqual([])
    await reaches(machine('red1'), addresses[name])
    expect(await talks(machine('red1'), addresses[name], 'tcp:22')).toBe(true)
    expect(await talks(machine('red1'), addresses[name], 'udp:53')).toBe(true)
  }
  // Its neighbours look for its link-local address, which it alone knows, and it for theirs.
  await machine('red2').exec('ip', '-6', 'neigh', 'flush', 'dev', 'eth0')
  await isSilent(machine('red2'), `${linkLocal('red1')}%eth0`)
  expect(await machine('red2').exec('ip', '-6', 'neigh', 'show', linkLocal('red1'))).toContain('lladdr')
  await machine('red1').exec('ip', '-6', 'neigh', 'flush', 'dev', 'eth0')
  await reaches(machine('red1'), `${linkLocal('red3')}%eth0`)
}, 60_000)

test('and those whom rules name: by network, by address, by group, as long as they do', async () => {
  await rules(`tcp:80:::/0,tcp:22:${addresses.red4},icmp:-1:sg-friends`)
  await change('POST', '/security_groups/sg-web/interfaces/if-red1')
  expect(await heard('red2')).toEqual(['tcp:80'])
  expect(await heard('red3')).toEqual(['icmp', 'tcp:80'])
  expect(await heard('red4')).toEqual(['tcp:22', 'tcp:80'])
  const [byAll, byAddress] = [
    await hold(machine('red2'), addresses.red1, 'tcp:80'),
    await hold(machine('red4'), addresses.red1, 'tcp:22'),
  ]
  try {
    await rules(`tcp:22:${prefix}:/64`)
    await byAll.isDead()
    await byAddress.isAlive()
    expect(await heard('red2')).toEqual(['tcp:22'])
    // IPv4 is another matter.
    await rules('tcp:22:0.0.0.0/0')
    await byAddress.isDead()
    expect(await heard('red4')).toEqual([])
  } finally {
    await byAll.stop()
    await byAddress.stop()
  }
}, 60_000)

test('traces say which rule lets a connection pass, over the wire and through a tunnel, or that none does', async () => {
  await rules(`tcp:22:${prefix}:/64`)
  const decided = async (name: Name, port: number) => {
    const packet = `tcp6,dst=${addresses.red1},dst_port=${port}`
    const { hops, delivered_to } = await agreedTrace(network, `if-${name}`, packet, 'new')
    const rule = hops.at(-1)!.steps.find(({ table }) => table === 'ingressRules')!
    return [hops.length, delivered_to, rule.object, rule.match?.includes(`ct_tp_dst=${port}`)]
  }
  for (const [name, hops] of [
    ['red4', 1],
    ['red2', 2],
    ['red3', 2],
  ] as const) {
    expect(await decided(name, 22)).toEqual([hops, ['if-red1'], 'sg-web', true])
    expect(await decided(name, 80)).toEqual([hops, [], 'sg-web', false])
  }
  await rules('tcp:22:0.0.0.0/0')
}, 60_000)

test('members of a group hear each other in everything; who leaves it is heard no more', async () => {
  await change('POST', '/security_groups/sg-friends/interfaces/if-red1')
  expect(await heard('red3')).toEqual(['icmp', ...services])
  expect(await heard('red2')).toEqual([])
  await change('DELETE', '/security_groups/sg-friends/interfaces/if-red3')
  expect(await heard('red3')).toEqual([])
  await reaches(machine('red1'), addresses.red3)
}, 60_000)

test('rules for what it says hold for IPv6', async () => {
  await rules(`icmp:-1:::/0,egress:tcp:22:${addresses.red2}`)
  await change('DELETE', '/security_groups/sg-friends/interfaces/if-red1')
  expect(await talks(machine('red1'), addresses.red2, 'tcp:22')).toBe(true)
  expect(await talks(machine('red1'), addresses.red2, 'tcp:80')).toBe(false)
  expect(await talks(machine('red1'), addresses.red3, 'tcp:22')).toBe(false)
  await reaches(machine('red4'), addresses.red1)
  await change('PUT', '/interfaces/if-red1', { ingress_filtering_enabled: false })
  expect(await heard('red3')).toEqual(['icmp', ...services])
}, 60_000)

test('two guarded machines on one hypervisor hear each other as the groups of each say, in either family', async () => {
  const guard = (name: Name, ingress_filtering_enabled: boolean) =>
    change('PUT', `/interfaces/if-${name}`, { ingress_filtering_enabled })
  const ipv4 = { red1: '10.1.0.11', red4: '10.1.0.12' } as const
  for (const name of ['red1', 'red4'] as const)
    await machine(name).exec('ip', 'address', 'replace', `${ipv4[name]}/24`, 'dev', 'eth0')
  await change('POST', '/security_groups/sg-friends/interfaces/if-red4')
  await rules('tcp:80:sg-friends')
  for (const name of ['red1', 'red4'] as const) await guard(name, true)
  for (const to of [ipv4, addresses]) {
    expect(await heardBy(machine('red4'), to.red1, services, ['tcp:80'])).toEqual(['tcp:80'])
    expect(await heardBy(machine('red1'), to.red4, services, [])).toEqual([])
  }
  // A group has what its member may have besides, and nobody else's.
  await rules('tcp:80:sg-friends,icmp:-1:sg-friends')
  await change('PUT', '/interfaces/if-red4', { allowed_addresses: `2001:db8:5::/48, ${prefix}:/64` })
  const echo = (source: string) => (mark: string) =>
    correct(
      discovery([machine('red1').mac, machine('red4').mac], source, addresses.red1, 128, `00010001${mark}`),
    )
  const said = { own: echo(addresses.red4), behind: echo('2001:db8:5::1'), others: echo(`${prefix}:99`) }
  expect(await whereTheyArrive(machine('red4'), [machine('red1')], said)).toEqual({
    ...{ own: ['red1'], behind: ['red1'], others: [] },
  })
  await change('PUT', '/interfaces/if-red4', { allowed_addresses: '' })
  // Who may say almost nothing asks the name server of its network all the same, and no other.
  expect(await talks(machine('red1'), addresses.red2, 'udp:53')).toBe(true)
  await rules('tcp:80:sg-friends,egress:icmp:-1:10.1.0.0/24')
  expect(await talks(machine('red1'), addresses.red2, 'udp:53')).toBe(false)
  expect(await askRaw(machine('red1'), '10.1.0.2', [queryText('red4', 1)])).not.toEqual([''])
  await change('DELETE', '/security_groups/sg-friends/interfaces/if-red4')
  expect(await heardBy(machine('red4'), ipv4.red1, services, [])).toEqual([])
  for (const name of ['red1', 'red4'] as const) await guard(name, false)
}, 60_000)

describe('filters', () => {
  const all = ['icmp', ...services]
  const rule = (method: 'POST' | 'DELETE', values: object) => change(method, '/filters/fil-1/static', values)
  const filter = { uuid: 'fil-1', interface_uuid: 'if-red1', mode: 'static' }
  const passthrough = { ingress_passthrough: true, egress_passthrough: true }
  const hears = (to: Name, from: Name, expected: readonly string[]) =>
    heardBy(machine(from), addresses[to], services, expected)

  test('let nothing pass by themselves but neighbour discovery, and what no rule is about as each direction is told', async () => {
    await change('PUT', '/interfaces/if-red1', { enable_filtering: true })
    for (const name of ['red2', 'red4'] as const)
      expect([await hears('red1', name, []), await hears(name, 'red1', [])]).toEqual([[], []])
    await machine('red2').exec('ip', '-6', 'neigh', 'flush', 'dev', 'eth0')
    await isSilent(machine('red2'), `${linkLocal('red1')}%eth0`)
    expect(await machine('red2').exec('ip', '-6', 'neigh', 'show', linkLocal('red1'))).toContain('lladdr')
    await change('POST', '/filters', { ...filter, ingress_passthrough: true })
    // It hears, and may not answer.
    expect(await hears('red1', 'red2', [])).toEqual([])
    await change('PUT', '/filters/fil-1', { egress_passthrough: true })
    for (const name of ['red2', 'red3', 'red4'] as const)
      expect([await hears('red1', name, all), await hears(name, 'red1', all)]).toEqual([all, all])
  }, 60_000)

  test('drop and pass by IPv6 rules, the longest first; rules about IPv4 are about nothing else', async () => {
    await rule('POST', { protocol: 'ip', action: 'drop' })
    await rule('POST', { protocol: 'tcp', action: 'drop', ipv6_dst_address: '::/0', dst_port: 80 })
    const most = ['icmp', 'tcp:22', 'udp:53']
    expect([await hears('red1', 'red2', most), await hears('red2', 'red1', all)]).toEqual([most, all])
    const from = { ipv6_src_address: `${addresses.red3}/128` }
    await rule('POST', { protocol: 'ip', action: 'drop', ...from, ipv6_dst_address: `${prefix}:/64` })
    expect([await hears('red1', 'red3', []), await hears('red3', 'red1', [])]).toEqual([[], []])
    await rule('POST', { protocol: 'udp', action: 'pass', ipv6_dst_address: addresses.red1, dst_port: 53 })
    expect(await hears('red1', 'red3', ['udp:53'])).toEqual(['udp:53'])
    expect(await hears('red1', 'red4', most)).toEqual(most)
  }, 60_000)

  test('conn lets it ask and hear answers, as long as the rule is there; nobody else begins', async () => {
    await change('DELETE', '/filters/fil-1')
    await change('POST', '/filters', filter)
    for (const protocol of ['tcp', 'udp', 'icmp'])
      await rule('POST', { protocol, action: 'conn', ipv6_src_address: '::/0' })
    for (const name of ['red2', 'red3', 'red4'] as const)
      expect([await hears(name, 'red1', all), await hears('red1', name, [])]).toEqual([all, []])
    const [tcp, udp] = [
      await hold(machine('red1'), addresses.red3, 'tcp:80'),
      await hold(machine('red1'), addresses.red2, 'udp:53'),
    ]
    try {
      await rule('DELETE', { protocol: 'udp', ipv6_src_address: '::/0' })
      await udp.isDead()
      await tcp.isAlive()
    } finally {
      await tcp.stop()
      await udp.stop()
    }
  }, 60_000)

  test('and groups both have to let a packet pass', async () => {
    await change('PUT', '/filters/fil-1', passthrough)
    await rules('tcp:22:::/0,udp:53:::/0')
    await change('PUT', '/interfaces/if-red1', { ingress_filtering_enabled: true })
    expect(await hears('red1', 'red2', ['tcp:22', 'udp:53'])).toEqual(['tcp:22', 'udp:53'])
    expect(await hears('red2', 'red1', all)).toEqual(all)
    await rule('POST', { protocol: 'udp', action: 'drop', ipv6_dst_address: '::/0' })
    expect(await hears('red1', 'red2', ['tcp:22'])).toEqual(['tcp:22'])
    await change('PUT', '/interfaces/if-red1', { enable_filtering: false, ingress_filtering_enabled: false })
    expect(await hears('red1', 'red2', all)).toEqual(all)
  }, 60_000)
})
