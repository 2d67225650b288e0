/** An interface at a port of this datapath: who sends. */
import { cookieOf, type Flow, type FlowFunction, localPort, type State } from 'openvnet'
import { strangersBehind } from '../state/domains.ts'
import { isEndpoint } from '../state/interfaces.ts'
import { features, pipeline } from './pipeline.ts'
import { portOn, vlanNone } from './places.ts'
import { classifyStrangers } from './segments/strangers.ts'
import { trunkPort } from './vlans/trunk.ts'

/** Tagged frames of an endpoint are dropped: a tag would be carried on to the wire. */
function classify(state: State, interfaceId: number, port: number): Flow[] {
  const cookie = cookieOf(features.port, interfaceId)
  const head = {
    cookie,
    steps: [{ set: 'inInterface', to: interfaceId } as const],
    goto: 'antiSpoof' as const,
  }
  if (port !== localPort)
    return [
      pipeline.flow('classifier', { ...head, priority: 100, match: { in_port: port, vlan_vid: vlanNone } }),
    ]
  // LOCAL is the host's as well: only frames with the interface's MAC are its own.
  return state.macLeases.many('interface', interfaceId).map(({ mac_address }) =>
    pipeline.flow('classifier', {
      ...head,
      priority: 110,
      match: { in_port: port, vlan_vid: vlanNone, eth_src: mac_address },
    }),
  )
}

export const port: FlowFunction = ({ datapathId, objectId: interfaceId }, state) => {
  const portNumber = portOn(state, interfaceId, datapathId)
  const mode = state.interfaces.get(interfaceId)?.mode
  if (portNumber === undefined || mode === undefined) return { flows: [] }
  const unit = (feature: string) => ({ feature, datapathId, objectId: interfaceId })
  if (mode === 'promiscuous') {
    const domain = strangersBehind(state, interfaceId)
    if (domain === undefined) return { flows: [] }
    const cookie = cookieOf(features.port, interfaceId)
    return {
      flows: [classifyStrangers(cookie, interfaceId, portNumber, domain)],
      children:
        domain.kind === 'segment'
          ? [unit('unknown')]
          : [
              ...['punts', 'dnsPunts', 'unknown', 'icmp'].map(unit),
              { feature: 'allIcmpPunts', datapathId, objectId: datapathId },
            ],
    }
  }
  if (mode === 'edge') return trunkPort(state, datapathId, interfaceId)
  if (!isEndpoint(mode)) return { flows: [] }
  return {
    flows: classify(state, interfaceId, portNumber),
    children: ['punts', 'dnsPunts', 'unknown'].map(unit),
  }
}
