/**
 * Security groups: who is heard on the same hypervisor, over the wire, through a tunnel and by a router, by TCP, UDP and
 * ICMP; and what becomes of conversations when rules, members and the host go.
 */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'bun:test'
import { listenTo } from '../support/event-reader.ts'
import { broadcast, datagram } from '../support/frames.ts'
import { whereTheyArrive } from '../support/marked.ts'
import type { Network } from '../support/network.ts'
import { isSilent, reaches } from '../support/reach.ts'
import { routerMac } from '../support/requests.ts'
import { addresses, cyan, type Name, startRoutedNetwork } from '../support/routed-network.ts'
import {
  type Held,
  heardBy,
  hold,
  isRefused,
  type Served,
  type Service,
  serve,
  talks,
} from '../support/talk.ts'
import { sendFrames } from '../support/wire.ts'

let network: Network
const served: Served[] = []
const machine = (name: Name) => network.lab.machine(name)
const services: readonly Service[] = ['tcp:22', 'tcp:80', 'udp:53', 'udp:5000']
const web = 'tcp:80:0.0.0.0/0 # everyone\nudp:53:10.1.0.0/24, icmp:-1:sg-friends'

/** Packets obey once Open vSwitch has looked at its caches again. */
async function change(method: string, path: string, body?: object): Promise<void> {
  await network.host.api(method, `${path}?wait=applied`, body)
  await network.lab.hypervisor('node1').openVswitch.appctl('revalidator/wait')
}
const rules = (text: string) => change('PUT', '/security_groups/sg-web', { rules: text })

/** Green 1 is guarded; red 1 is behind the router, green 2 over the wire, green 3 through a tunnel. */
beforeAll(async () => {
  network = await startRoutedNetwork()
  for (const name of ['red1', 'green1', 'green2', 'green3'] as const)
    served.push(await serve(machine(name), services))
  // The first packets of tunnels are lost.
  for (const name of ['red1', 'green2', 'green3'] as const) await reaches(machine(name), addresses.green1)
  await change('POST', '/security_groups', { uuid: 'sg-friends', display_name: 'friends' })
  await change('POST', '/security_groups', { uuid: 'sg-web', display_name: 'web', rules: web })
  await change('POST', '/security_groups/sg-friends/interfaces/if-green3')
}, 60_000)
afterAll(async () => {
  for (const one of served) await one.stop()
  await network?.stop()
})
afterEach(() => network.check())

/** What of green 1 others get through to. */
const heard = (from: Name, expected: readonly string[]) =>
  heardBy(machine(from), addresses.green1, services, expected)
const all = ['icmp', ...services]

describe('whom a guarded machine hears', () => {
  test('everyone while nothing guards it, nobody without a group; but ARP and what it asked for', async () => {
    expect(await heard('green2', all)).toEqual(all)
    await change('PUT', '/interfaces/if-green1', { ingress_filtering_enabled: true })
    for (const name of ['red1', 'green2', 'green3'] as const) {
      expect(await heard(name, [])).toEqual([])
      await reaches(machine('green1'), addresses[name])
      expect(await talks(machine('green1'), addresses[name], 'tcp:22')).toBe(true)
      expect(await talks(machine('green1'), addresses[name], 'udp:5000')).toBe(true)
    }
    await machine('green2').exec('arping', '-c', '1', '-w', '2', '-I', 'eth0', addresses.green1)
    expect((await machine('green1').dhcp()).address).toBe(addresses.green1)
    expect(await isRefused(machine('green1'), addresses.green2, 9)).toBe(true)
  }, 60_000)

  test('those whom rules name: by address, by network, by group', async () => {
    await change('POST', '/security_groups/sg-web/interfaces/if-green1')
    expect(await heard('red1', ['tcp:80', 'udp:53'])).toEqual(['tcp:80', 'udp:53'])
    expect(await heard('green2', ['tcp:80'])).toEqual(['tcp:80'])
    expect(await heard('green3', ['icmp', 'tcp:80'])).toEqual(['icmp', 'tcp:80'])
    expect(await isRefused(machine('red1'), addresses.green1, 53)).toBe(false)
  }, 60_000)

  test('what it does not hear is told of, not more than somebody can read', async () => {
    const events = await listenTo(network.host.apiUrl, 'uuid=if-green1')
    const isKnock = ({ data }: { data: unknown }) => JSON.stringify(data).includes('if-green1 does not hear')
    try {
      expect(await talks(machine('red1'), addresses.green1, 'tcp:22')).toBe(false)
      expect((await events.until('a denied connection', isKnock)).data).toMatchObject({
        kind: 'alarm',
        uuid: 'if-green1',
        fields: {
          ...{ name: 'denied', direction: 'ingress', sender_uuid: 'if-red1', network_uuid: 'nw-green' },
          ...{ protocol: 'tcp', source: addresses.red1, destination: addresses.green1, destination_port: 22 },
        },
      })
      const macs = [machine('green1').mac, machine('green2').mac] as const
      const frame = datagram([...macs], addresses.green2, addresses.green1, [7_777, 7_777])
      await sendFrames(machine('green2'), Array(1_000).fill(frame))
      await reaches(machine('green3'), addresses.green1)
      expect(events.events.filter(isKnock).length).toBeLessThan(200)
    } finally {
      events.close()
    }
  }, 60_000)

  test('who knocks at one machine without end hides nobody whom another does not hear', async () => {
    await change('PUT', '/interfaces/if-blue1', { ingress_filtering_enabled: true })
    const of = (name: Name) => listenTo(network.host.apiUrl, `uuid=if-${name}`)
    const [noisy, events] = await Promise.all([of('green1'), of('blue1')])
    const denied = ({ data }: { data: unknown }) => JSON.stringify(data).includes('does not hear')
    const toGreen = [machine('green1').mac, machine('green2').mac] as const
    const noise = datagram([...toGreen], addresses.green2, addresses.green1, [7_777, 7_777])
    const toBlue = [routerMac(cyan.number), machine('cyan2').mac] as const
    const knock = datagram([...toBlue], addresses.cyan2, addresses.blue1, [7_777, 22])
    try {
      const flooding = sendFrames(machine('green2'), [noise], { forMs: 2_000, perSecond: 2_000 })
      await noisy.until('the noise', denied)
      await sendFrames(machine('cyan2'), [knock])
      const told = await events.until('the other knock', denied)
      await flooding
      expect(told.data).toMatchObject({ fields: { source: addresses.cyan2, destination_port: 22 } })
    } finally {
      noisy.close()
      events.close()
      await change('PUT', '/interfaces/if-blue1', { ingress_filtering_enabled: false })
    }
  }, 60_000)

  test('who joins a group that a rule names, as long as it is in it', async () => {
    await change('POST', '/interfaces/if-green2/security_groups/sg-friends')
    expect(await heard('green2', ['icmp', 'tcp:80'])).toEqual(['icmp', 'tcp:80'])
    await change('DELETE', '/interfaces/if-green2/security_groups/sg-friends')
    expect(await heard('green2', ['tcp:80'])).toEqual(['tcp:80'])
  }, 60_000)

  test('members of its own groups, in everything; and what any of its groups lets through', async () => {
    await change('POST', '/security_groups/sg-friends/interfaces/if-green1')
    expect(await heard('green3', all)).toEqual(all)
    expect(await heard('red1', ['tcp:80', 'udp:53'])).toEqual(['tcp:80', 'udp:53'])
    await change('DELETE', '/security_groups/sg-friends/interfaces/if-green1')
    expect(await heard('green3', ['icmp', 'tcp:80'])).toEqual(['icmp', 'tcp:80'])
  }, 60_000)

  test('broadcasts obey', async () => {
    const frames = (name: Name) => ({
      frame: (mark: string) =>
        datagram([broadcast, machine(name).mac], addresses[name], '255.255.255.255', [7_777, 7_777], mark),
    })
    const hears = async (name: Name) =>
      (await whereTheyArrive(machine(name), [machine('green1'), machine('green2')], frames(name)))['frame']
    expect(await hears('green3')).toEqual(['green2'])
    await rules(`${web},udp:7777:10.2.0.0/24`)
    expect(await hears('green3')).toEqual(['green1', 'green2'])
    await rules(web)
    expect(await hears('green3')).toEqual(['green2'])
  }, 60_000)
})

describe('conversations', () => {
  const holding = async (conversations: readonly Held[], body: () => Promise<void>) => {
    try {
      await body()
    } finally {
      for (const one of conversations) await one.stop()
    }
  }

  test('end with the rule, the membership or the address that let them pass, and no others do', async () => {
    const { green1 } = addresses
    await rules(`${web},udp:5000:0.0.0.0/0,tcp:22:sg-friends`)
    const [byRule, byGroup, other] = [
      await hold(machine('red1'), green1, 'udp:5000'),
      await hold(machine('green3'), green1, 'tcp:22'),
      await hold(machine('green2'), green1, 'tcp:80'),
    ]
    await holding([byRule, byGroup, other], async () => {
      await rules(`${web},tcp:22:sg-friends`)
      await byRule.isDead()
      await byGroup.isAlive()
      await change('DELETE', '/security_groups/sg-friends/interfaces/if-green3')
      await byGroup.isDead()
      await other.isAlive()
      await change('POST', '/security_groups/sg-friends/interfaces/if-green3')
      await byGroup.isAlive()
      await rules(web)
      await byGroup.isDead()
      await other.isAlive()
    })
  }, 60_000)

  test('of its own go on and come about while no host is there', async () => {
    const { green1, green2 } = addresses
    const conversations = [
      await hold(machine('green3'), green1, 'tcp:80'),
      await hold(machine('green1'), green2, 'udp:5000'),
    ]
    await holding(conversations, async () => {
      await network.host.kill9()
      for (const one of conversations) await one.isAlive()
      expect(await heard('red1', ['tcp:80', 'udp:53'])).toEqual(['tcp:80', 'udp:53'])
      await network.host.start()
      for (const one of conversations) await one.isAlive()
    })
  }, 60_000)
})

describe('what a guarded machine says', () => {
  test('is restricted as soon as a group has a rule for it, and only then', async () => {
    await rules(`${web}\negress:tcp:80:sg-friends\negress:icmp:-1:10.1.0.11`)
    const green1 = machine('green1')
    expect(await talks(green1, addresses.green3, 'tcp:80')).toBe(true)
    expect(await talks(green1, addresses.green3, 'tcp:22')).toBe(false)
    expect(await talks(green1, addresses.green2, 'tcp:80')).toBe(false)
    await reaches(green1, addresses.red1)
    expect(await isSilent(green1, addresses.green2)).toBe(true)
    // It answers all the same, and keeps its address.
    expect(await heard('green2', ['tcp:80'])).toEqual(['tcp:80'])
    expect((await green1.dhcp()).address).toBe(addresses.green1)
    const held = await hold(green1, addresses.green3, 'tcp:80')
    try {
      await rules(`${web}\negress:icmp:-1:10.1.0.11`)
      await held.isDead()
    } finally {
      await held.stop()
    }
    await rules(web)
    expect(await talks(green1, addresses.green2, 'tcp:80')).toBe(true)
  }, 60_000)
})

test('a machine answers DHCP clients where a rule of its groups says that it may, and nobody else does', async () => {
  const offer = (name: Name) => ({
    offer: (mark: string) =>
      datagram([machine('green2').mac, machine(name).mac], addresses[name], addresses.green2, [67, 68], mark),
  })
  const hears = async (name: Name) =>
    (await whereTheyArrive(machine(name), [machine('green2')], offer(name)))['offer']
  expect(await hears('green1')).toEqual([])
  await rules(`${web}\negress:udp:68:0.0.0.0/0`)
  expect(await hears('green1')).toEqual(['green2'])
  expect(await hears('green3')).toEqual([])
  await rules(web)
  expect(await hears('green1')).toEqual([])
})

test('without a guard everything passes again, and other tenants were never touched', async () => {
  await reaches(machine('blue1'), addresses.cyan2)
  await change('PUT', '/interfaces/if-green1', { ingress_filtering_enabled: false })
  expect(await heard('green2', all)).toEqual(all)
})
