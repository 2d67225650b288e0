/** ARP answered from the state: a request never has to leave the datapath for an address that the state knows. */
import { arpOperation, type Flow } from 'openvnet'
import { pipeline } from '../pipeline.ts'

/** Who gets an answer: everyone in a network, or only those of one origin. */
export interface Askers {
  /** The network's key. */
  readonly network: number
  readonly origin?: 'local' | 'wire'
}

/** Turns a request into the owner's reply and sends it back. */
export function answerArp(cookie: bigint, askers: Askers, ip: number, mac: number): Flow {
  return pipeline.flow('arp', {
    cookie,
    priority: 100,
    match: { ...askers, arp_op: arpOperation.request, arp_tpa: ip },
    steps: [
      { move: 'eth_src', to: 'eth_dst' },
      { set: 'eth_src', to: mac },
      { set: 'arp_op', to: arpOperation.reply },
      { move: 'arp_sha', to: 'arp_tha' },
      { set: 'arp_sha', to: mac },
      { move: 'arp_spa', to: 'arp_tpa' },
      { set: 'arp_spa', to: ip },
      { output: 'in_port' },
    ],
  })
}

/**
 * An interface that asks for its own address announces it or probes for others that use it (RFC 5227): everyone hears
 * it, and it gets no answer.
 */
export const announceArp = (cookie: bigint, network: number, interfaceId: number, ip: number): Flow =>
  pipeline.flow('arp', {
    cookie,
    priority: 110,
    match: { network, inInterface: interfaceId, arp_tpa: ip },
    goto: 'destination',
  })
