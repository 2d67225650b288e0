import { describe, expect, test } from 'bun:test'
import { arbitrate, successor } from './arbitration.ts'
import type { Peer } from './peer.ts'

const peer = (given: Partial<Peer>): Peer => ({
  direction: 'accepted',
  transport: 'tcp',
  address: 'somewhere',
  remoteIp: null,
  local: false,
  certificateName: null,
  ...given,
})

const local = peer({ direction: 'dialled', transport: 'unix', local: true })
const localIn = peer({ remoteIp: '127.0.0.1', local: true })
const remote = peer({ remoteIp: '192.0.2.1' })
const remoteDialled = peer({ direction: 'dialled', remoteIp: '192.0.2.1' })
const other = peer({ remoteIp: '192.0.2.9' })
const secured = peer({ transport: 'ssl', remoteIp: '192.0.2.1', certificateName: '00000000000000a1' })
const securedOther = peer({ transport: 'ssl', remoteIp: '192.0.2.1', certificateName: 'node-2' })

describe('two connections for one datapath id', () => {
  test.each([
    ['the switch that serves calls again', remote, remote, 'standBy'],
    ['a local switch dials in beside the dialled connection', local, localIn, 'standBy'],
    ['the local switch is dialled after it dialled in', localIn, local, 'takeOver'],
    ['a remote switch is dialled after it dialled in', remote, remoteDialled, 'takeOver'],
    ['another address claims the id', remote, other, 'refuse'],
    ['an unproven address claims the id of a local switch', local, remote, 'refuse'],
    ['an unproven address claims the id of a certified switch', secured, remote, 'refuse'],
    ['a certified switch finds its id taken by an unproven address', other, secured, 'replace'],
    ['a dialled local switch finds its id taken by an unproven address', other, local, 'replace'],
    ['a certified switch calls again', secured, secured, 'standBy'],
    ['another certificate claims the id', secured, securedOther, 'refuse'],
    ['a certified switch is dialled locally too', secured, local, 'takeOver'],
    ['a locally dialled switch dials in with its certificate', local, secured, 'standBy'],
  ] as const)('%s', (_, serving, newcomer, verdict) => {
    expect(arbitrate(serving, newcomer)).toBe(verdict)
  })

  test('the most preferred serves next, then the one that waited longest', () => {
    expect(successor([])).toBeUndefined()
    const waiting = [{ peer: localIn }, { peer: remote }, { peer: local }, { peer: local }]
    expect(successor(waiting)).toBe(waiting[2])
    expect(successor(waiting.slice(0, 2))).toBe(waiting[0])
  })
})
