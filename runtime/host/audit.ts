/** The recompute oracle over every datapath of a host: flows held, flows computed from nothing, flows in the switch. */
import type { Audit } from '../http/answers/host.ts'
import { verifyDatapath } from '../pipeline/sync/verify.ts'
import type { NetworkState } from './network-state.ts'
import type { Switches } from './switches.ts'

/** One datapath after the other, and everything else has its turn between them. */
export async function audit(
  state: Pick<NetworkState, 'served' | 'engine' | 'view'>,
  switches: Pick<Switches, 'get'>,
): Promise<Audit> {
  const { revision } = state.view
  const datapaths: Audit['datapaths'][number][] = []
  for (const { id, uuid, dpid } of state.served()) {
    await Bun.sleep(0)
    const sync = switches.get(dpid)?.sync
    const differences = await verifyDatapath(state.engine, id, sync)
    datapaths.push({ uuid, dpid, connected: sync !== undefined, differences: [...differences] })
  }
  return { revision, datapaths }
}

/** Whatever many ask for, one runs at a time. */
export class OneAtATime<T> {
  readonly #run: () => Promise<T>
  #running: Promise<T> | undefined
  #next: Promise<T> | undefined

  constructor(run: () => Promise<T>) {
    this.#run = run
  }

  /** All who ask while one runs share the next: what they are told was looked at after they had asked. */
  ask(): Promise<T> {
    if (this.#next !== undefined) return this.#next
    if (this.#running === undefined) return this.#start()
    this.#next = this.#running
      .catch(() => {})
      .then(() => {
        this.#next = undefined
        return this.#start()
      })
    return this.#next
  }

  #start(): Promise<T> {
    const running = this.#run().finally(() => {
      if (this.#running === running) this.#running = undefined
    })
    this.#running = running
    return running
  }
}
