import { afterAll, afterEach, beforeAll, describe, expect, test } from 'bun:test'
import { demoPlan } from '../../cli/lab/plan.ts'
import { demoRequests } from '../../cli/vnet/demo/network.ts'
import { arp, broadcast, datagram, ethernet, gre, ipv4, udp } from '../support/frames.ts'
import { type Marked, nowhere, whereTheyArrive } from '../support/marked.ts'
import { type Network, startNetwork } from '../support/network.ts'
import { reaches } from '../support/reach.ts'
import { arriving, type Place } from '../support/wire.ts'

/** The MAC under which a broadcast of red comes to a node over the wire. */
const relationMac = (node: number) => `02:00:00:0d:00:0${node}`
const hostMac = (node: number) => `02:00:00:00:00:0${node}`
const red = (node: number) => `52:54:00:00:01:0${node}`
const blue = (node: number) => `52:54:00:00:02:0${node}`
const foreign = '52:54:00:99:99:99'
const own = '10.0.0.11'

const requests = demoRequests(demoPlan).map((request) => {
  const node = /^\/datapaths\/dp-node(\d)\/networks\/nw-red$/.exec(request.path)?.[1]
  return node === undefined
    ? request
    : { ...request, body: { ...request.body, mac_address: relationMac(Number(node)) } }
})

/** A datagram with the mark inside, and any other frame with the mark at its end. */
const udpFrame =
  (
    macs: readonly [string, string],
    source: string,
    destination: string,
    ports: readonly [number, number] = [7777, 7777],
  ): Marked =>
  (mark) =>
    datagram(macs, source, destination, ports, mark)
const otherFrame =
  (destination: string, source: string, type: number, payload = ''): Marked =>
  (mark) =>
    ethernet(destination, source, type, payload + mark)
const taggedFrame =
  (destination: string, source: string, type: number, tags: string): Marked =>
  (mark) =>
    ethernet(destination, source, type, tags + ipv4(own, '10.0.0.12', 17, udp(7777, 7777, mark)))

let network: Network
let machines: Place[]
/** What hypervisors put onto the physical network, and what they hand to their own kernels. */
let elsewhere: Place[]
/** Somebody on the physical network of nodes 1 and 2. */
let stranger: Place

beforeAll(async () => {
  network = await startNetwork(demoPlan, requests)
  const { lab } = network
  machines = [...lab.machines]
  elsewhere = lab.hypervisors.flatMap(({ name, openVswitch }) => [
    { name: `wire of ${name}`, netns: lab.fabric, device: name },
    { name: `host ${name}`, netns: openVswitch.netns, device: 'br0' },
  ])
  stranger = { name: 'stranger', netns: lab.fabric, device: 'sw-a' }
  await Promise.all(lab.machines.map((machine) => machine.dhcp()))
  for (const address of ['10.0.0.12', '10.0.0.13']) await reaches(lab.machine('red1'), address)
})
afterAll(() => network?.stop())
afterEach(() => network.check())

describe('what a guest sends', () => {
  const mac = red(1)
  const everyone = () => [...machines, ...elsewhere]

  test('arrives with its own addresses, and only in its network', async () => {
    const good = {
      'to a machine on the same physical network': udpFrame([red(2), mac], own, '10.0.0.12'),
      'to a machine behind a router': udpFrame([red(3), mac], own, '10.0.0.13'),
      'to all': udpFrame([broadcast, mac], own, '10.0.0.255'),
      'to a group': udpFrame(['01:00:5e:00:00:fb', mac], own, '224.0.0.251'),
      'asking for an address that nobody knows': otherFrame(
        broadcast,
        mac,
        0x0806,
        arp({ sha: mac, spa: own, tpa: '10.0.0.77' }),
      ),
    }
    expect(await whereTheyArrive(network.lab.machine('red1'), machines, good)).toEqual({
      'to a machine on the same physical network': ['red2'],
      'to a machine behind a router': ['red3'],
      'to all': ['red2', 'red3'],
      'to a group': ['red2', 'red3'],
      'asking for an address that nobody knows': ['red2', 'red3'],
    })
  })

  test('arrives nowhere with anything else', async () => {
    const arpFrame = (source: string, values: Parameters<typeof arp>[0]) =>
      otherFrame(broadcast, source, 0x0806, arp(values))
    const bad = {
      'another MAC': udpFrame([red(2), foreign], own, '10.0.0.12'),
      'the MAC of a neighbour': udpFrame([red(2), red(3)], own, '10.0.0.12'),
      'the MAC of the hypervisor': udpFrame([red(2), hostMac(1)], own, '10.0.0.12'),
      'the MAC of another network': udpFrame([blue(2), blue(1)], own, '10.0.0.12'),
      'to another network': udpFrame([blue(2), mac], own, '10.0.0.12'),
      'to the hypervisor': udpFrame([hostMac(1), mac], own, '192.168.10.11'),
      'to another hypervisor': udpFrame([hostMac(2), mac], own, '192.168.10.12'),
      'another address': udpFrame([red(2), mac], '10.0.0.99', '10.0.0.12'),
      'the address of a neighbour': udpFrame([red(2), mac], '10.0.0.13', '10.0.0.12'),
      'another address, to all': udpFrame([broadcast, mac], '10.0.0.99', '255.255.255.255'),
      'no address': udpFrame([broadcast, mac], '0.0.0.0', '255.255.255.255'),
      'ARP with another sender': arpFrame(mac, { sha: foreign, spa: own, tpa: '10.0.0.77' }),
      'ARP under another MAC': arpFrame(foreign, { sha: mac, spa: own, tpa: '10.0.0.77' }),
      'ARP for a neighbour': arpFrame(mac, { sha: mac, spa: '10.0.0.12', tpa: '10.0.0.77' }),
      'an announcement of a neighbour': arpFrame(mac, { sha: mac, spa: '10.0.0.12', tpa: '10.0.0.12' }),
      'an answer for a neighbour': arpFrame(mac, { op: 2, sha: mac, spa: '10.0.0.12', tpa: '10.0.0.13' }),
      'an answer of a DHCP server': udpFrame([broadcast, mac], own, '255.255.255.255', [67, 68]),
      'an answer of a DHCP server, to one': udpFrame([red(2), mac], own, '10.0.0.12', [67, 68]),
      'an answer of a DHCP server from another port': udpFrame(
        [broadcast, mac],
        own,
        '255.255.255.255',
        [7777, 68],
      ),
      'an answer of a DHCP server in fragments': (mark: string) =>
        ethernet(
          broadcast,
          mac,
          0x0800,
          ipv4(own, '255.255.255.255', 17, udp(67, 68, mark.padEnd(32, '0')), '2000'),
        ),
      IPv6: otherFrame(
        broadcast,
        mac,
        0x86dd,
        `6000000000003bff${'fe80'.padEnd(32, '0')}${'ff02'.padEnd(32, '0')}`,
      ),
      LLDP: otherFrame('01:80:c2:00:00:0e', mac, 0x88cc, '0207'),
      'spanning tree': otherFrame('01:80:c2:00:00:00', mac, 0x0026, '424203'),
      'a VLAN tag': taggedFrame(red(2), mac, 0x8100, '00640800'),
      'two VLAN tags': taggedFrame(red(2), mac, 0x88a8, '0064810000640800'),
      'a VLAN tag of zero': taggedFrame(red(2), mac, 0x8100, '00000800'),
      MPLS: taggedFrame(red(2), mac, 0x8847, '00064140'),
      RARP: otherFrame(broadcast, mac, 0x8035, arp({ op: 3, sha: mac, spa: '0.0.0.0', tpa: '0.0.0.0' })),
      'the broadcast MAC of the own datapath': udpFrame([relationMac(1), mac], own, '10.0.0.12'),
      'the broadcast MAC of a peer': udpFrame([relationMac(2), mac], own, '10.0.0.12'),
      'a made-up type': taggedFrame(red(2), mac, 0x1234, ''),
      'a frame cut short': (mark: string) => `${ethernet(red(2), mac, 0x0800, '').slice(0, 28)}4500${mark}`,
      'a control': udpFrame([red(2), mac], own, '10.0.0.12'),
    }
    const seen = await whereTheyArrive(network.lab.machine('red1'), everyone(), bad)
    expect(seen).toEqual({ ...nowhere(bad), 'a control': ['red2', 'wire of node1'] })
  })
})

describe('what a stranger on the physical network sends', () => {
  test('arrives nowhere', async () => {
    const frames = {
      'unknown, to a machine': udpFrame([red(1), foreign], '10.0.0.12', own),
      'unknown, under the broadcast MAC': udpFrame([relationMac(1), foreign], '10.0.0.12', '10.0.0.255'),
      'unknown, to all': udpFrame([broadcast, foreign], '10.0.0.12', '10.0.0.255'),
      'as a machine that is there': udpFrame([red(1), blue(1)], own, own),
      'as a machine that is there, to all': udpFrame([broadcast, red(1)], own, '10.0.0.255'),
      'as a machine behind a router': udpFrame([red(1), red(3)], '10.0.0.13', own),
      'as a hypervisor': udpFrame([red(1), hostMac(2)], '10.0.0.12', own),
      'as a machine of another network': udpFrame([red(1), blue(2)], '10.0.0.12', own),
      'as a peer’s machine, to all': udpFrame([broadcast, red(2)], '10.0.0.12', '10.0.0.255'),
      'as a peer’s machine, tagged': taggedFrame(red(1), red(2), 0x8100, '00640800'),
      'as the service, to a machine': udpFrame([red(1), '02:00:00:01:01:02'], '10.0.0.2', own, [67, 68]),
    }
    const control = {
      'as a peer’s machine': udpFrame([red(1), red(2)], '10.0.0.12', own),
      'as a peer’s machine, under the broadcast MAC': udpFrame(
        [relationMac(1), red(2)],
        '10.0.0.12',
        '10.0.0.255',
      ),
    }
    // Without encapsulation the wire is trusted as far as MAC addresses go: who poses as a peer's machine is let in.
    expect(await whereTheyArrive(stranger, machines, { ...frames, ...control })).toEqual({
      ...nowhere(frames),
      'as a peer’s machine': ['red1'],
      'as a peer’s machine, under the broadcast MAC': ['red1'],
    })
  })

  test('arrives nowhere in a tunnel either, even with the right key', async () => {
    const { lab } = network
    const outside = [{ name: 'outside', netns: lab.fabric, device: 'node3' }]
    const { outside: sent } = await arriving(outside, 'ip proto 47', () => reaches(lab.machine('red3'), own))
    const real = sent!.find((frame) => frame.length > 100)!
    // Ethernet 14, IPv4 20, GRE flags and type 4, then the key.
    const key = Number.parseInt(real.slice(76, 84), 16)
    expect(real.slice(68, 76)).toBe('20006558')
    expect(key).toBeGreaterThan(0)

    const tunnelled =
      (source: string, networkKey: number): Marked =>
      (mark) =>
        ethernet(
          hostMac(1),
          foreign,
          0x0800,
          ipv4(
            source,
            '192.168.10.11',
            47,
            gre(networkKey, datagram([red(1), red(3)], '10.0.0.13', own, [7777, 7777], mark)),
          ),
        )
    const frames = {
      'from a stranger': tunnelled('192.168.20.99', key),
      'from a peer that is not behind a router': tunnelled('192.168.10.12', key),
      'under another key': tunnelled('192.168.20.13', key + 1000),
      'under the key of another network': tunnelled('192.168.20.13', key === 4 ? 5 : 4),
    }
    const control = { 'as a peer behind a router': tunnelled('192.168.20.13', key) }
    expect(await whereTheyArrive(stranger, machines, { ...frames, ...control })).toEqual({
      ...nowhere(frames),
      'as a peer behind a router': ['red1'],
    })
  })
})
