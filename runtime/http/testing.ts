/** What a host without switches answers by itself, for tests of the shell. */
import type { Audit, DatapathStatus } from './answers/host.ts'

export const statusOf = (uuid: string): DatapathStatus => ({
  uuid,
  dpid: '0x0000000000000001',
  connected: false,
  peer: null,
  other_hosts: [],
  revision: 1,
  applied_revision: null,
  ports: 0,
  flows: 0,
  refusals: null,
})

export const emptyAudit: Audit = { revision: 1, datapaths: [] }
