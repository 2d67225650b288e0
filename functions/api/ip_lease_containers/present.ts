/** Containers of IP leases as the API answers them. */
import { answer } from 'openvnet'
import { identity, times } from '../common/fields.ts'

export const ipLeaseContainer = answer.shape('IpLeaseContainer', 'IP leases that belong together.', {
  ...identity('ipLeaseContainers'),
  ...times,
})
