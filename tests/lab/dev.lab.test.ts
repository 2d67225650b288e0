import { afterAll, afterEach, beforeAll, expect, test } from 'bun:test'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { type Network, startNetwork } from '../support/network.ts'
import { eventually } from '../support/open-vswitch.ts'
import { reaches } from '../support/reach.ts'
import { lossDuring } from '../support/stream.ts'

const folder = mkdtempSync(`/tmp/ovt-${process.pid}-functions-`)
let network: Network
const options = join(folder, 'packets/dhcp/options.ts')
const original = () => readFileSync(options, 'utf8')

beforeAll(async () => {
  cpSync(resolve(import.meta.dir, '../../functions'), folder, { recursive: true })
  network = await startNetwork(undefined, undefined, { command: 'dev', arguments: ['--functions', folder] })
})
afterAll(async () => {
  await network?.stop()
  rmSync(folder, { recursive: true, force: true })
})
afterEach(() => network.check())

const said = () => readFileSync(network.host.logFile, 'utf8')
const leaseTime = async (name: string) => (await network.lab.machine(name).dhcp()).options['lease']

test('a function that is saved serves at once, and no packet of the network is lost meanwhile', async () => {
  expect(await leaseTime('red1')).toBe('86400')
  await network.lab.machine('red2').dhcp()
  await reaches(network.lab.machine('red1'), '10.0.0.12')
  const loss = await lossDuring(network.lab.machine('red1'), '10.0.0.12', async () => {
    writeFileSync(options, original().replace('leaseTimeS = 86_400', 'leaseTimeS = 7_200'))
    await eventually('the swap to be told', () => /packets\/dhcp@1.*packets\/dhcp@2.* ms/.test(said()))
  })
  expect(loss.sent).toBeGreaterThan(100)
  expect(loss.lost).toBe(0)
  expect(await leaseTime('red1')).toBe('7200')
}, 60_000)

test('one that does not build stays out, with its place told, and the old one serves', async () => {
  const good = original()
  writeFileSync(options, `${good}\nexport const = 1\n`)
  await eventually('the error to be told', () => /not swapped: .*options\.ts/.test(said()))
  expect(await leaseTime('blue1')).toBe('7200')
  writeFileSync(options, good)
}, 60_000)

test('one that throws, and one that loops for ever, cost their packets only; the host reports them and goes on', async () => {
  const file = join(folder, 'packets/dhcp/dhcp.ts')
  const good = readFileSync(file, 'utf8')
  const broken = (line: string) =>
    good.replace(
      '    const read = readMessage(packet)\n',
      `    ${line}\n    const read = readMessage(packet)\n`,
    )
  for (const [line, outcome] of [
    ["if (packet.length > 0) throw new Error('as planned')", 'exception'],
    ['while (packet.length > 0) {}', 'exceededTime'],
  ] as const) {
    const before = said().length
    writeFileSync(file, broken(line))
    await eventually('the swap', () => said().slice(before).includes('packets/dhcp@'))
    const attempt = network.lab
      .machine('blue2')
      .exec('udhcpc', '-i', 'eth0', '-f', '-n', '-q', '-t', '2', '-T', '1', '-s', '/bin/true')
    expect(
      await attempt.then(
        () => 'answered',
        () => 'silent',
      ),
    ).toBe('silent')
    await eventually('the outcome to be reported', () => said().slice(before).includes(outcome))
    expect(said().slice(before)).toMatch(/packets\/dhcp@\d+/)
    await reaches(network.lab.machine('red1'), '10.0.0.12')
    expect((await network.host.request('GET', '/networks')).status).toBe(200)
  }
  const before = said().length
  writeFileSync(file, good)
  await eventually('the swap back', () => said().slice(before).includes('packets/dhcp@'))
  expect(await leaseTime('blue2')).toBe('7200')
}, 60_000)
