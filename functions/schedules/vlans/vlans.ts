/**
 * Who serves a VLAN that several trunk ports reach: fail-over. The next one serves when the one before is certainly
 * silent: its switch has acknowledged that it serves no more, or has not been connected to any host for so long that
 * flows which pass frames only while a host says so have ended by themselves.
 */
import { type AlarmEffect, alarm, type Draft, type Row, type ScheduleEnvironment, schedule } from 'openvnet'
import { fenceMs } from '../../flows/vlans/vlan-lease.ts'
import { serveBy, type TrunkPort, trunkPortsOf, unknown } from '../../state/vlans.ts'

const everyMs = 500
/** VLANs of one run that something is to be done about; what is left is done by the next ones. */
const vlansMax = 50

type ActiveVlan = Row<'activeVlans'>

/** What is known of the datapath of a row. */
interface Report {
  /** It is connected to some host. */
  readonly connected: boolean
  /** It has acknowledged flows of a revision that has all of the row. */
  readonly acknowledged: boolean
  /** For how long it has not been connected, in ms. */
  readonly silentMs: number
}

function reportOf({ switches, now }: ScheduleEnvironment, row: ActiveVlan): Report {
  const applied = row.datapath_id === null ? undefined : switches.applied.get(row.datapath_id)
  const isKnown = row.known_revision !== null
  return {
    connected: applied !== undefined,
    acknowledged: row.acknowledged || (isKnown && applied !== undefined && applied >= row.known_revision!),
    silentMs: applied !== undefined || row.silent_since === null ? 0 : now - row.silent_since,
  }
}

/** Whether nothing of the row's datapath passes frames of the VLAN any more, of one that is to serve no longer. */
function isSilent(row: ActiveVlan, { acknowledged, silentMs }: Report): boolean {
  const isOver = silentMs >= fenceMs
  // Who deletes a datapath says that it is gone.
  if (row.datapath_id === null) return isOver
  // Its flows may be those before, where it has not acknowledged: they end by themselves, or nobody can know.
  return row.interface_id === null
    ? acknowledged || (row.leased && isOver)
    : row.leased && row.acknowledged && isOver
}

/** Who serves next: one whose switch is connected, if there is one. */
function nextOf({ switches }: ScheduleEnvironment, ports: readonly TrunkPort[], row: ActiveVlan) {
  const others = ports.filter((port) => port.datapathId !== row.datapath_id)
  const connected = others.find((port) => switches.applied.has(port.datapathId))
  return connected ?? (row.interface_id === null ? others[0] : undefined)
}

/** What has become known of a row, to be kept. */
function learned(env: ScheduleEnvironment, row: ActiveVlan, report: Report) {
  return {
    known_revision: row.known_revision ?? env.state.revision,
    acknowledged: report.acknowledged,
    silent_since: report.connected ? null : (row.silent_since ?? env.now),
  }
}

const differs = (row: ActiveVlan, values: Partial<ActiveVlan>) =>
  Object.entries(values).some(([name, value]) => row[name as keyof ActiveVlan] !== value)

/** Brings one row forward; answers what there is to tell, or whether there was anything to do. */
function follow(env: ScheduleEnvironment, row: ActiveVlan): boolean | AlarmEffect {
  const report = reportOf(env, row)
  if (isSilent(row, report)) {
    const ports = trunkPortsOf(env.state, row.network_id).get(row.vlan_id) ?? []
    const next = nextOf(env, ports, row)
    if (next !== undefined) return handOver(env.draft(), row, next)
    if (ports.length === 0 && row.interface_id === null) return forget(env.draft(), row)
  }
  const values = learned(env, row, report)
  if (!differs(row, values)) return false
  const draft = env.draft()
  if (isAsItWas(draft, row)) draft.activeVlans.update(row.id, values)
  return true
}

/** Looked at through the draft: nobody has changed it meanwhile. */
function isAsItWas(draft: Draft, { id, updated_at, interface_id, datapath_id, leased }: ActiveVlan): boolean {
  const row = draft.activeVlans.get(id)
  return row !== undefined && !differs(row, { updated_at, interface_id, datapath_id, leased })
}

/** Nobody serves the VLAN, and nobody is going to. */
function forget(draft: Draft, row: ActiveVlan): boolean {
  const isWanted = trunkPortsOf(draft, row.network_id).has(row.vlan_id)
  if (!isWanted && isAsItWas(draft, row)) draft.activeVlans.delete(row.id)
  return true
}

function handOver(draft: Draft, row: ActiveVlan, next: TrunkPort): boolean | AlarmEffect {
  if (!isAsItWas(draft, row)) return true
  const ports = trunkPortsOf(draft, row.network_id).get(row.vlan_id) ?? []
  const isThere = ports.some(
    (port) => port.interfaceId === next.interfaceId && port.datapathId === next.datapathId,
  )
  if (!isThere) return true
  serveBy(draft, row, next, ports.length > 1)
  draft.activeVlans.update(row.id, { ...unknown, silent_since: null })
  const network = draft.networks.get(row.network_id)!.uuid
  const [serving, datapath] = [
    draft.interfaces.get(next.interfaceId)!.uuid,
    draft.datapaths.get(next.datapathId)!.uuid,
  ]
  return alarm(
    'vlan-handed-over',
    `VLAN ${row.vlan_id} of ${network} is served by ${serving} on ${datapath} now`,
    { vlan: row.vlan_id },
    [network, serving, datapath],
  )
}

export default schedule({
  name: 'vlans',
  every_ms: everyMs,
  handle(env) {
    const alarms: AlarmEffect[] = []
    let done = 0
    for (const row of env.state.activeVlans.all()) {
      const followed = done < vlansMax && follow(env, row)
      if (followed !== false) done++
      if (typeof followed === 'object') alarms.push(followed)
    }
    return alarms
  },
})
