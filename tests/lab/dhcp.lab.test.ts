/** Real DHCP clients, through real punts, to the real host. */
import { afterAll, afterEach, beforeAll, expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { demoPlan } from '../../cli/lab/plan.ts'
import { demoRequests } from '../../cli/vnet/demo/network.ts'
import { Dhclient, Udhcpc } from '../support/dhcp-clients.ts'
import { dhcpFrame, discover } from '../support/dhcp-frames.ts'
import { type Network, startNetwork } from '../support/network.ts'
import { eventually } from '../support/open-vswitch.ts'
import { isSilent, reaches } from '../support/reach.ts'
import { arriving, sendFrames } from '../support/wire.ts'

const server = '10.0.0.2'
let network: Network
const machine = (name: string) => network.lab.machine(name)

/** Red has a router, a name server and a domain too. */
const more = [
  { method: 'PUT', path: '/networks/nw-red', body: { domain_name: 'red.example' } },
  {
    method: 'POST',
    path: '/interfaces',
    body: {
      uuid: 'if-redrouter',
      mode: 'simulated',
      enable_routing: true,
      network_uuid: 'nw-red',
      mac_address: '02:00:00:01:01:01',
      ipv4_address: '10.0.0.1',
    },
  },
  {
    method: 'POST',
    path: '/network_services',
    body: { uuid: 'ns-reddns', interface_uuid: 'if-reddhcp', mode: 'dns' },
  },
]

beforeAll(async () => {
  network = await startNetwork(demoPlan, [...demoRequests(demoPlan), ...more])
})
afterAll(() => network?.stop())
afterEach(() => network.check())

/**
 * The DHCP message types that a machine is sent while something happens: option 53 comes first. The same twice in a row
 * counts once: on a busy machine a client asks again before it has its answer.
 */
async function answersTo(name: string, during: () => Promise<unknown>): Promise<number[]> {
  const { [name]: frames } = await arriving([machine(name)], 'udp src port 67 and udp dst port 68', during)
  const types = frames!.map((frame) => Number.parseInt(/63825363350\w0(\w)/.exec(frame)?.[1] ?? '0', 16))
  return types.filter((type, n) => type !== types[n - 1])
}
const offer = 2
const ack = 5
const nak = 6

test('udhcpc and dhclient are told everything about their network', async () => {
  const lease = await machine('red1').dhcp()
  expect(lease).toMatchObject({ address: '10.0.0.11', prefix: 24, mtu: 1458 })
  expect(lease.options).toMatchObject({
    router: '10.0.0.1',
    dns: server,
    domain: 'red.example',
    serverid: server,
    lease: '86400',
    staticroutes: '0.0.0.0/0 10.0.0.1',
  })
  const client = new Dhclient(machine('red3'))
  try {
    await client.get()
    const bound = client.events().find(({ reason }) => reason === 'BOUND')
    expect(bound).toMatchObject({
      ip_address: '10.0.0.13',
      subnet_mask: '255.255.255.0',
      broadcast_address: '10.0.0.255',
      routers: '10.0.0.1',
      domain_name_servers: server,
      domain_name: 'red.example',
      interface_mtu: '1458',
      dhcp_lease_time: '86400',
      dhcp_server_identifier: server,
      rfc3442_classless_static_routes: '0 10 0 0 1',
    })
    await reaches(machine('red3'), '10.0.0.11')
  } finally {
    await client.remove()
  }
}, 30_000)

test('machines that boot from the network are told which file, by what they are, and others nothing of it', async () => {
  const service = (body: object) => network.host.api('PUT', '/network_services/ns-reddhcp?wait=applied', body)
  const bootOf = async (name: string, more: string) => {
    const client = new Dhclient(
      machine(name),
      `${more}\nalso request bootfile-name, tftp-server-name, host-name;\n`,
    )
    try {
      await client.get()
      const { next_server, filename, bootfile_name, tftp_server_name, host_name } =
        client.events().find(({ reason }) => reason === 'BOUND') ?? {}
      expect(host_name).toBe(name)
      return { next_server, filename, bootfile_name, tftp_server_name }
    } finally {
      await client.remove()
    }
  }
  const architecture = 'option architecture code 93 = unsigned integer 16;\nsend architecture 7;'
  const booting = (file: string) => ({
    ...{ next_server: '10.0.0.50', filename: file },
    ...{ bootfile_name: file, tftp_server_name: '10.0.0.50' },
  })
  await service({
    next_server_ipv4_address: '10.0.0.50',
    boot_files: 'bios:undionly.kpxe,efi:snponly.efi,ipxe:http://10.0.0.50/menu.ipxe',
  })
  expect(await bootOf('red1', architecture)).toEqual(booting('snponly.efi'))
  expect(await bootOf('red3', `${architecture}\nsend user-class "iPXE";`)).toEqual(
    booting('http://10.0.0.50/menu.ipxe'),
  )
  expect((await bootOf('red1', '')).filename).toBeUndefined()
  expect((await machine('blue1').dhcp()).options).not.toHaveProperty('siaddr', '10.0.0.50')
  await service({ next_server_ipv4_address: '0.0.0.0', boot_files: '' })
  expect((await bootOf('red1', architecture)).filename).toBeUndefined()
}, 60_000)

test('a network without router and name server names none', async () => {
  const { options } = await machine('blue1').dhcp()
  expect(options).toMatchObject({ ip: '10.0.0.11', subnet: '255.255.255.0' })
  for (const absent of ['router', 'dns', 'staticroutes']) expect(options[absent]).toBeUndefined()
})

test('a client renews with its server directly, gives back, and gets the same again', async () => {
  const client = new Udhcpc(machine('red2'))
  try {
    expect(await answersTo('red2', () => client.bound(1))).toEqual([offer, ack])
    await reaches(machine('red2'), server)
    const renewed = await answersTo('red2', async () => {
      client.renew()
      await client.bound(2)
    })
    expect(renewed).toEqual([ack])
    client.release()
    await eventually('the address to be given back', async () =>
      (await machine('red2').exec('ip', '-4', 'address', 'show', 'dev', 'eth0')).includes('10.0.0.12')
        ? null
        : true,
    )
    client.renew()
    await client.bound(3)
  } finally {
    await client.end()
  }
  expect((await machine('red2').dhcp()).address).toBe('10.0.0.12')
}, 30_000)

test('a client that comes back with its address keeps it; one with another’s is told so', async () => {
  const client = new Dhclient(machine('red1'))
  try {
    client.remember('10.0.0.11', server)
    expect(await answersTo('red1', () => client.get())).toEqual([ack])
    expect(client.events().at(-1)).toMatchObject({ reason: 'REBOOT', ip_address: '10.0.0.11' })
    await client.release()
    for (const wrong of ['10.0.0.77', '10.0.0.12', '192.168.7.7']) {
      client.remember(wrong, server)
      expect(await answersTo('red1', () => client.get())).toEqual([nak, offer, ack])
      expect(client.events().at(-1)).toMatchObject({ reason: 'BOUND', ip_address: '10.0.0.11' })
      await client.release()
    }
  } finally {
    await client.remove()
  }
}, 60_000)

test('a client that finds its address in use says so, and the operator hears of it', async () => {
  const { mac } = machine('red1')
  const decline = `3501043204${'0a00000b'}3604${'0a000002'}`
  const asked = await answersTo('red1', () =>
    sendFrames(machine('red1'), [dhcpFrame({ source: mac, transactionId: 1, options: decline })]),
  )
  expect(asked).toEqual([])
  await eventually('the alarm', () =>
    readFileSync(network.host.logFile, 'utf8').includes(`${mac} declined 10.0.0.11 in nw-red`),
  )
})

test('who has the MAC of another, in the frame or in the message, gets nothing, and the other loses nothing', async () => {
  const { mac } = machine('red1')
  const blue = machine('blue2')
  await machine('red1').dhcp()
  await machine('red2').dhcp()
  await blue.dhcp()
  await reaches(blue, server)
  const frames = {
    inFrame: dhcpFrame({ source: mac, transactionId: 2, options: discover }),
    inMessage: dhcpFrame({ source: blue.mac, hardwareAddress: mac, transactionId: 3, options: discover }),
    own: dhcpFrame({ source: blue.mac, transactionId: 4, options: discover }),
  }
  expect(await answersTo('blue2', () => sendFrames(blue, [frames.inFrame]))).toEqual([])
  expect(await answersTo('blue2', () => sendFrames(blue, [frames.inMessage]))).toEqual([])
  expect(await answersTo('blue2', () => sendFrames(blue, [frames.own]))).toEqual([offer])

  await blue.exec('ip', 'link', 'set', 'eth0', 'address', mac)
  try {
    await expect(
      blue.exec('udhcpc', '-i', 'eth0', '-f', '-n', '-q', '-s', '/bin/true', '-t', '2', '-T', '1', '-A', '1'),
    ).rejects.toThrow()
    expect(await isSilent(blue, server)).toBe(true)
    await reaches(machine('red2'), '10.0.0.11')
    expect((await machine('red1').dhcp()).address).toBe('10.0.0.11')
  } finally {
    await blue.exec('ip', 'link', 'set', 'eth0', 'address', blue.mac)
  }
  expect((await blue.dhcp()).address).toBe('10.0.0.12')
}, 60_000)

test('nonsense that looks like DHCP stops nobody', async () => {
  const { mac } = machine('red1')
  const good = dhcpFrame({ source: mac, transactionId: 5, options: discover })
  const bad = [
    ...Array.from({ length: 30 }, (_, n) => good.slice(0, 84 + n * 16)),
    ...[
      '3501ff',
      '35ff01',
      '350100',
      '3500',
      '3501013204',
      '3501015200',
      '5204',
      '3502010135',
      'ff350101',
    ].map((options) => dhcpFrame({ source: mac, transactionId: 6, options })),
  ]
  await sendFrames(machine('red1'), bad)
  expect((await machine('blue1').dhcp()).address).toBe('10.0.0.11')
  expect((await machine('red1').dhcp()).address).toBe('10.0.0.11')
}, 30_000)
