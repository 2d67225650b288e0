/** `active_ports`: what ports a switch has, as it told last. Each change carries on to the interfaces that are plugged in. */
import type { Draft, Row, SwitchPort } from 'openvnet'
import { deriveActive } from './active.ts'
import { settleTranslations } from './translation-place.ts'
import { deriveActiveVlans, networksOfEdge } from './vlans.ts'

type ActivePort = Row<'activePorts'>

const namesOf = (port: { port_name: string; iface_id: string | null }) =>
  port.iface_id === null ? [port.port_name] : [port.port_name, port.iface_id]

const same = (row: ActivePort, port: SwitchPort) =>
  row.port_number === port.portNumber && row.iface_id === port.ifaceId && row.uplink === port.uplink

/** Removes every row that contradicts the port: another number under its name, another name under its number. */
function makeRoom(draft: Draft, datapathId: number, port: SwitchPort, names: Set<string>): void {
  const byName = draft.activePorts.one('name', datapathId, port.portName)
  const byNumber = draft.activePorts.one('number', datapathId, port.portNumber)
  for (const row of new Set([byName, byNumber])) {
    if (row === undefined || (row === byName && same(row, port))) continue
    for (const name of namesOf(row)) names.add(name)
    draft.activePorts.delete(row.id)
  }
}

/** A cable was pulled, or is back: the port is the same, and what others could serve may move. */
function follow(draft: Draft, { id, datapath_id, port_number }: ActivePort, linked: boolean): void {
  if (draft.activePorts.get(id)!.linked === linked) return
  draft.activePorts.update(id, { linked })
  const held = draft.activeInterfaces.one('port', datapath_id, port_number)
  if (held === undefined) return
  deriveActiveVlans(draft, networksOfEdge(draft, held.interface_id))
  settleTranslations(draft, held.interface_id)
}

function addPort(draft: Draft, datapathId: number, port: SwitchPort, names: Set<string>): void {
  makeRoom(draft, datapathId, port, names)
  const known = draft.activePorts.one('name', datapathId, port.portName)
  if (known !== undefined) {
    follow(draft, known, port.linked)
    return
  }
  const row = {
    datapath_id: datapathId,
    port_name: port.portName,
    port_number: port.portNumber,
    iface_id: port.ifaceId,
    uplink: port.uplink,
    linked: port.linked,
  }
  draft.activePorts.insert(row)
  for (const name of namesOf(row)) names.add(name)
}

/** A port is there, new or changed. */
export function portAdded(draft: Draft, datapathId: number, port: SwitchPort): void {
  const names = new Set<string>()
  addPort(draft, datapathId, port, names)
  if (names.size > 0) deriveActive(draft, { portNames: names })
}

/** A port is gone. */
export function portRemoved(draft: Draft, datapathId: number, portName: string): void {
  const row = draft.activePorts.one('name', datapathId, portName)
  if (row === undefined) return
  draft.activePorts.delete(row.id)
  deriveActive(draft, { portNames: namesOf(row) })
}

/** These are all the ports: what is not among them is gone. */
export function portsListed(draft: Draft, datapathId: number, ports: readonly SwitchPort[]): void {
  const names = new Set<string>()
  const listed = new Set(ports.map((port) => port.portName))
  for (const row of [...draft.activePorts.many('datapath', datapathId)])
    if (!listed.has(row.port_name)) {
      draft.activePorts.delete(row.id)
      for (const name of namesOf(row)) names.add(name)
    }
  for (const port of ports) addPort(draft, datapathId, port, names)
  if (names.size > 0) deriveActive(draft, { portNames: names })
}
