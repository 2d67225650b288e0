/** The tunnel ports: one for each encapsulation that is in use; where a packet goes and for which network, flows say. */
import { cookieOf, encapsulations, type FlowFunction, type State, type Unit } from 'openvnet'
import { encapsulationOf, tunnelPortName } from '../state/encapsulation.ts'
import type { Network } from '../state/networks.ts'
import { features, pipeline } from './pipeline.ts'

/** A network, or a segment. */
type Carried = Pick<Network, 'encapsulation'>

/** The unit that has the tunnel port of a network or segment; whoever needs the port names it as a child. */
export const tunnelUnit = (datapathId: number, carried: Carried): Unit => ({
  feature: 'tunnel',
  datapathId,
  // The place among the encapsulations, from 1.
  objectId: encapsulations.indexOf(encapsulationOf(carried)) + 1,
})

/** The number of that port; undefined until the switch has made it. */
export const tunnelPortOf = (state: State, datapathId: number, carried: Carried) =>
  state.activePorts.one('name', datapathId, tunnelPortName(encapsulationOf(carried)))?.port_number

export const tunnel: FlowFunction = ({ datapathId, objectId }, state) => {
  const type = encapsulations[objectId - 1]
  if (type === undefined) return { flows: [] }
  const name = tunnelPortName(type)
  const port = state.activePorts.one('name', datapathId, name)?.port_number
  return {
    tunnelPorts: [{ name, type, options: { key: 'flow', remote_ip: 'flow', local_ip: 'flow' } }],
    flows:
      port === undefined
        ? []
        : [
            pipeline.flow('classifier', {
              cookie: cookieOf(features.tunnel, objectId),
              priority: 100,
              match: { in_port: port },
              goto: 'tunnel',
            }),
          ],
  }
}
