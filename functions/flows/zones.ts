/** The claim of a zone of connection tracking, which whoever tracks in it has among its flows. */
import { cookieOf, type Flow, type Row } from 'openvnet'
import { features } from './codes.ts'
import { pipeline } from './pipeline.ts'

/** Another row is another owner, whose zone is emptied before it is used. */
export const claimOf = ({ id, zone }: Row<'conntrackZones'>): Flow =>
  pipeline.flow('zones', {
    cookie: cookieOf(features.zone, id),
    priority: 1,
    match: { ct_zone: zone },
    claimsZone: zone,
    drop: true,
  })
