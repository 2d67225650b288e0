import { expect, test } from 'bun:test'
import { isInUserSpace, leavesStale } from './fresh-caches.ts'

test.each([
  ['ovs-vswitchd (Open vSwitch) 3.1.0', true],
  ['ovs-vswitchd (Open vSwitch) 3.1.3', false],
  ['ovs-vswitchd (Open vSwitch) 3.0.4', true],
  ['ovs-vswitchd (Open vSwitch) 2.17.8', false],
  ['ovs-vswitchd (Open vSwitch) 2.15.0', true],
  ['ovs-vswitchd (Open vSwitch) 3.2.0', false],
  ['ovs-vswitchd (Open vSwitch) 4.0.90', false],
  ['something else', false],
])('%s leaves decisions as they are: %p', (version, expected) => {
  expect(leavesStale(version)).toBe(expected)
})

test('a bridge is in user space where its datapath is', () => {
  const shown = [
    ...['system@ovs-system: hit:0 missed:0', '  br1:', '    br1 65534/1: (internal)'],
    ...['netdev@ovs-netdev: hit:3 missed:4', '  br0:', '    br0 65534/1: (tap)', '    netdev 1/2: (system)'],
  ].join('\n')
  expect(['br0', 'br1', 'br2', 'netdev'].map((name) => isInUserSpace(shown, name))).toEqual([
    ...[true, false, false, false],
  ])
})
