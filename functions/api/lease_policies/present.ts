/** Lease policies as the API answers them. */
import { answer, leasePolicyModes, leasePolicyTimings } from 'openvnet'
import { identity, times, uuidField } from '../common/fields.ts'

const { oneOf, shape } = answer

export const leasePolicy = shape('LeasePolicy', 'How and when interfaces get addresses.', {
  ...identity('leasePolicies'),
  mode: oneOf(leasePolicyModes, 'simple: addresses of the first network'),
  timing: oneOf(leasePolicyTimings, 'when an interface gets its address'),
  ...times,
})

export const changedLeasePolicy = shape(
  'ChangedLeasePolicy',
  'A lease policy whose networks or interfaces changed.',
  {
    uuid: uuidField('leasePolicies', 'the policy'),
  },
)
