/** Descriptions that are made so, seen in packets: a tenant that is left out, changed, and put back. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse, stringify } from 'yaml'
import { main } from '../../cli/vnctl/main.ts'
import { type Network, startNetwork } from '../support/network.ts'
import { isSilent, reaches } from '../support/reach.ts'
import { lossDuring } from '../support/stream.ts'

let network: Network
let folder = ''
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'vnctl-apply-'))
  network = await startNetwork()
  await Promise.all(network.lab.machines.map((one) => one.dhcp()))
})
afterAll(async () => {
  await network?.stop()
  rmSync(folder, { recursive: true, force: true })
})
const machine = (name: string) => network.lab.machine(name)

async function vnctl(...words: string[]) {
  let out = ''
  let error = ''
  const streams = {
    out: (text: string) => void (out += text),
    error: (text: string) => void (error += `${text}\n`),
  }
  const code = await main([...words, '--api', network.host.apiUrl], {}, false, streams)
  return { code, out, error }
}

type Description = Record<
  string,
  { uuid: string; networks?: { network_uuid: string }[]; [field: string]: unknown }[]
>

function apply(description: Description, ...options: string[]) {
  const path = join(folder, 'network.yml')
  writeFileSync(path, stringify(description))
  return vnctl('apply', '-f', path, '--wait', ...options)
}

const exported = async () => parse((await vnctl('export')).out) as Description

/** Without what is of a tenant. */
const without = (description: Description, tenant: string): Description =>
  Object.fromEntries(
    Object.entries(description).map(([name, objects]) => [
      name,
      objects
        .filter((object) => !JSON.stringify({ ...object, networks: [] }).includes(tenant))
        .map((object) =>
          object.networks === undefined
            ? object
            : {
                ...object,
                networks: object.networks.filter(({ network_uuid }) => !network_uuid.includes(tenant)),
              },
        ),
    ]),
  )

test('a tenant that is left out is gone, the other loses no packet; put back, it is there as before', async () => {
  const whole = await exported()
  await reaches(machine('red1'), '10.0.0.12')
  await reaches(machine('blue1'), '10.0.0.13')
  expect((await apply(whole, '--yes', '--prune')).out).toBe('Nothing to change.\n')
  const red = without(whole, 'blue')
  const tried = await apply(red, '--prune', '--dry-run')
  expect(tried.out).toContain('- networks nw-blue\n')
  expect(tried.out).toMatch(/dp-node1: 0 flows more, \d+ less/)
  await reaches(machine('blue1'), '10.0.0.13')
  const { lost, sent } = await lossDuring(machine('red1'), '10.0.0.12', async () => {
    expect(await apply(red, '--yes', '--prune')).toMatchObject({ code: 0, error: '' })
    expect(await isSilent(machine('blue1'), '10.0.0.13')).toBe(true)
    expect(await apply(whole, '--yes')).toMatchObject({ code: 0, error: '' })
  })
  expect({ lost, isPinging: sent > 100 }).toEqual({ lost: 0, isPinging: true })
  await reaches(machine('blue1'), '10.0.0.13')
  await reaches(machine('blue2'), '10.0.0.11')
  expect((await apply(whole, '--yes', '--prune')).out).toBe('Nothing to change.\n')
  await network.check()
}, 60_000)

test('an address that is changed in the file is changed in the network', async () => {
  const file: Description = {
    interfaces: [
      {
        ...{ uuid: 'if-red2', mode: 'vif', port_name: 'red2', network_uuid: 'nw-red' },
        ...{ mac_address: machine('red2').mac, ipv4_address: '10.0.0.77' },
      },
    ],
  }
  const { out } = await apply(file, '--yes', '--flows')
  expect(out).toContain('~ interfaces if-red2  ipv4_address: 10.0.0.12 → 10.0.0.77\n')
  expect(out).toMatch(/ \+ arp \d+ network=nw-red .*arp_tpa=10\.0\.0\.77/)
  expect(await isSilent(machine('red1'), '10.0.0.12')).toBe(true)
  expect((await machine('red2').dhcp()).address).toBe('10.0.0.77')
  await reaches(machine('red1'), '10.0.0.77')
  expect((await apply(file, '--yes')).out).toBe('Nothing to change.\n')
  await network.check()
}, 60_000)
