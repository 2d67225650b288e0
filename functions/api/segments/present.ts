/** Segments as the API answers them. */
import { answer, segmentModes } from 'openvnet'
import { identity, times } from '../common/fields.ts'

const { oneOf, shape } = answer

export const segment = shape('Segment', 'A segment: a broadcast domain without addresses of its own.', {
  ...identity('segments'),
  mode: oneOf(segmentModes, 'physical: as cabled; virtual: on every datapath that it spans'),
  ...times,
})
