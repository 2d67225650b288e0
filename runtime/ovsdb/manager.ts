/**
 * The bridges of a host: which are adopted, kept as they must be, with which ports and tunnels. Everything is worked out
 * anew from the copies of the databases whenever one of them, or what is wanted, has changed; the files beside this one
 * hold the rules, this one holds the callbacks and the writing.
 */
import type { Logger } from '../log.ts'
import { describe, failure, type Result, success } from '../problem.ts'
import { parseOvsdbAddress } from './address.ts'
import { type Candidate, decideAdoption, type Refusal, type Stranger } from './adoption.ts'
import { AlarmBook, type OvsdbAlarm } from './alarms.ts'
import type { OvsdbCallbacks, OvsdbManagerOptions, OvsdbStatus } from './callbacks.ts'
import { checkMade, readConfiguration, whenCarriedOut } from './carried-out.ts'
import { OvsdbClient } from './client.ts'
import { type BridgeOutcome, type NewBridge, planBridge } from './create-bridge.ts'
import { type DatapathId, datapathIdOf, parseDatapathId } from './datapath-id.ts'
import { type DeletedBridge, leftoversOf } from './deleted-bridges.ts'
import { Endpoint, type Job } from './endpoint.ts'
import { ServedBridge } from './served-bridge.ts'
import { Told, ToldEach } from './told.ts'
import type { TunnelPort } from './tunnels.ts'
import { type BootstrapUplink, uplinksIn } from './uplink.ts'

/** More OVSDBs than this are a mistake in the settings. */
const addressesMax = 1_024
/** What makes a bridge waits for ovs-vswitchd this long. */
const carriedOutTimeoutMs = 5_000
/** A look at everything that takes longer than this is not followed by another at once. */
const evaluationQuickMs = 5
const evaluationRestFactor = 4

/** Checks the addresses and starts. Fails when one of them is none; a server that is away is no failure, it is tried again and again. */
export function createOvsdbManager(options: OvsdbManagerOptions): Result<OvsdbManager> {
  if (options.addresses.length > addressesMax)
    return failure({
      what: 'too many OVSDB addresses',
      where: '--ovsdb',
      expected: `at most ${addressesMax}`,
    })
  for (const text of options.addresses) {
    const parsed = parseOvsdbAddress(text)
    if (!parsed.ok) return parsed
  }
  return success(new OvsdbManager(options))
}

export class OvsdbManager {
  readonly #options: OvsdbManagerOptions
  readonly #log: Logger
  readonly #endpoints = new Map<string, Endpoint>()
  readonly #served = new Map<DatapathId, ServedBridge>()
  readonly #tunnels = new Map<DatapathId, readonly TunnelPort[]>()
  readonly #uplinks = new Map<DatapathId, string | null>()
  readonly #alarms: AlarmBook
  readonly #toldStrangers = new ToldEach<Stranger>((stranger) => this.#tellStranger(stranger))
  readonly #toldDeleted = new Told<readonly DeletedBridge[]>([], (all) => this.#call('onDeletedBridges', all))
  readonly #toldUplinks = new Told<readonly BootstrapUplink[] | null>(null, (uplinks) =>
    this.#call('onBootstrapUplinks', uplinks ?? []),
  )
  #registrationsKnown = false
  #scheduled = false
  #resting: Timer | undefined
  #restsUntilMs = 0
  #closed = false

  /** Use `createOvsdbManager`. */
  constructor(options: OvsdbManagerOptions) {
    this.#options = options
    this.#log = options.log
    this.#alarms = new AlarmBook((alarm) => this.#call('onAlarm', alarm))
    for (const text of new Set(options.addresses)) this.#connect(text)
  }

  /** The answers of `isRegistered` may have changed. */
  registrationsChanged(): void {
    this.#registrationsKnown = true
    this.#schedule()
  }

  /**
   * The tunnel ports that the bridge shall have, all of them, whether it is there yet or not. Names must be unique in an
   * OVSDB. Ports that others made are never touched. Without a call for a bridge nothing is made or removed there.
   */
  setTunnelPorts(dpid: DatapathId, tunnels: readonly TunnelPort[]): void {
    const key = normal(dpid)
    // Told again after every change of the state, and a look at everything costs milliseconds with a thousand ports.
    if (Bun.deepEquals(this.#tunnels.get(key), tunnels)) return
    this.#tunnels.set(key, tunnels)
    this.#schedule()
  }

  /** Records in the bridge which of its ports leads to the physical network, for the next start; null forgets it. */
  setUplink(dpid: DatapathId, portName: string | null): void {
    const key = normal(dpid)
    if (this.#uplinks.get(key) === portName) return
    this.#uplinks.set(key, portName)
    this.#schedule()
  }

  /** The datapath is not in state any more: what was wanted of its bridge is forgotten. */
  forget(dpid: DatapathId): void {
    this.#tunnels.delete(normal(dpid))
    this.#uplinks.delete(normal(dpid))
    this.#schedule()
  }

  /** Whether an OVSDB has a bridge with this id, adopted or not (yet). */
  hasBridge(dpid: DatapathId): boolean {
    const id = normal(dpid)
    return this.#candidates().some(({ row }) => datapathIdOf(row) === id)
  }

  /** The local bridges that have a recorded uplink, from what the OVSDBs say alone: nothing needs to be registered. */
  bootstrapUplinks(): readonly BootstrapUplink[] {
    return [...this.#endpoints.values()].flatMap(({ client }) => uplinksIn(client.address, client.replica))
  }

  /**
   * Makes a bridge, secure and with its datapath id pinned, in the OVSDB of `address` (the first one if not said), and
   * waits until ovs-vswitchd has it. Succeeds too when the bridge is there already.
   */
  async createBridge(
    bridge: NewBridge,
    address = this.#options.addresses[0] ?? '',
  ): Promise<Result<BridgeOutcome>> {
    const client = this.#endpoints.get(address)?.client
    if (client === undefined) return failure({ what: 'not one of the OVSDBs of this host', where: address })
    if (!client.synced) return failure(client.problem ?? { what: 'not connected', where: address })
    const plan = planBridge(client.replica, bridge)
    if (!plan.ok) return plan
    const result = await client.transact([...plan.value.operations, readConfiguration])
    if (!result.ok) return result
    const carriedOut = await whenCarriedOut(client, result.value, carriedOutTimeoutMs)
    if (!carriedOut.ok) return carriedOut
    const made = checkMade(client.replica, bridge.name)
    return made.ok ? success(plan.value.outcome) : made
  }

  /** Resolves to true once every OVSDB has been read, or to false after `timeoutMs`. */
  async whenSynced(timeoutMs: number): Promise<boolean> {
    const pollIntervalMs = 5
    const deadline = performance.now() + timeoutMs
    const synced = () => [...this.#endpoints.values()].every(({ client }) => client.everSynced)
    while (!synced() && !this.#closed && performance.now() < deadline) await Bun.sleep(pollIntervalMs)
    return synced()
  }

  status(): OvsdbStatus[] {
    return [...this.#endpoints.values()].map(({ address, client }) => ({
      address,
      connected: client.synced,
      problem: client.problem === null ? null : describe(client.problem),
      adopted: [...this.#served]
        .filter(([, served]) => served.candidate.ovsdb === address)
        .map(([dpid]) => dpid),
    }))
  }

  /** Ends the connections. Bridges stay as they are. */
  close(): void {
    this.#closed = true
    clearTimeout(this.#resting)
    for (const endpoint of this.#endpoints.values()) endpoint.close()
  }

  #connect(text: string) {
    const address = parseOvsdbAddress(text)
    if (!address.ok) throw new Error(describe(address.problem))
    const { tls, limits } = this.#options
    const onChange = () => this.#schedule()
    const client = new OvsdbClient({
      address: address.value,
      log: this.#log,
      onChange,
      ...(tls && { tls }),
      ...(limits && { limits }),
    })
    this.#endpoints.set(text, new Endpoint(client, onChange))
  }

  /** Changes that come together are looked at together. */
  #schedule() {
    if (this.#scheduled || this.#closed) return
    this.#scheduled = true
    const waitMs = this.#restsUntilMs - performance.now()
    if (waitMs > 0) this.#resting = setTimeout(() => this.#run(), waitMs)
    else queueMicrotask(() => this.#run())
  }

  /** A huge or hostile database gets a small share of the thread's time only. */
  #run() {
    this.#scheduled = false
    if (this.#closed) return
    const beganMs = performance.now()
    this.#evaluate()
    const tookMs = performance.now() - beganMs
    this.#restsUntilMs = tookMs < evaluationQuickMs ? 0 : beganMs + tookMs * (1 + evaluationRestFactor)
  }

  #evaluate() {
    const candidates = this.#candidates()
    const held = new Map([...this.#served].map(([dpid, served]) => [dpid, served.candidate]))
    const { adopted, refusals, strangers } = decideAdoption(candidates, held, (dpid) =>
      this.#is('isRegistered', dpid),
    )
    for (const dpid of [...this.#served.keys()]) if (!adopted.has(dpid)) this.#release(dpid)
    const jobs = new Map<Endpoint, Job[]>()
    const standing = refusals.map(refusalAlarm)
    for (const [dpid, candidate] of adopted) {
      const endpoint = this.#endpoints.get(candidate.ovsdb)!
      const served = this.#serve(dpid, candidate, endpoint)
      const wanted = { tunnels: this.#tunnels.get(dpid), uplink: this.#uplinks.get(dpid) }
      const { jobs: more, alarms } = served.look(candidate, wanted)
      jobs.set(endpoint, [...(jobs.get(endpoint) ?? []), ...more])
      standing.push(...alarms)
    }
    const leftovers = leftoversOf(
      candidates,
      (dpid) => this.#is('isDeleted', dpid),
      this.#endpoints,
      this.#log,
    )
    for (const { endpoint, job } of leftovers)
      if (job !== undefined) jobs.set(endpoint, [...(jobs.get(endpoint) ?? []), job])
    this.#alarms.stand(standing)
    // Before the state is there, all bridges are strangers.
    if (this.#registrationsKnown) this.#toldStrangers.say(strangers)
    for (const [endpoint, list] of jobs) endpoint.run(list)
    this.#toldDeleted.say(leftovers.map(({ bridge }) => bridge))
    this.#toldUplinks.say(this.bootstrapUplinks())
  }

  #is(what: 'isRegistered' | 'isDeleted', dpid: DatapathId): boolean {
    try {
      return this.#options[what]?.(dpid) ?? false
    } catch (error) {
      this.#log.error(`${what} threw`, { dpid, error: String(error) })
      return false
    }
  }

  #candidates(): Candidate[] {
    const candidates: Candidate[] = []
    for (const { address, client } of this.#endpoints.values())
      for (const row of client.replica.table('Bridge').values())
        candidates.push({ ovsdb: address, live: client.synced, row })
    return candidates
  }

  #serve(dpid: DatapathId, candidate: Candidate, endpoint: Endpoint): ServedBridge {
    const known = this.#served.get(dpid)
    if (known?.candidate.row.uuid === candidate.row.uuid && known.endpoint === endpoint) return known
    if (known !== undefined) this.#release(dpid)
    const served = new ServedBridge(dpid, candidate, endpoint, {
      onBridge: (bridge) => this.#call('onBridge', bridge),
      onPorts: (delta, ports) => this.#call('onPorts', dpid, delta, ports),
      onFlowsFlushed: (reason) => this.#call('onFlowsFlushed', dpid, reason),
      onAlarm: (alarm) => this.#alarms.event(alarm, performance.now()),
    })
    this.#served.set(dpid, served)
    this.#log.info('bridge adopted', { dpid, bridge: candidate.row.name, ovsdb: candidate.ovsdb })
    return served
  }

  #release(dpid: DatapathId) {
    const { row, ovsdb } = this.#served.get(dpid)!.candidate
    this.#served.delete(dpid)
    this.#log.info('bridge not adopted any more', { dpid, bridge: row.name, ovsdb })
    this.#call('onBridgeGone', dpid)
  }

  #tellStranger(stranger: Stranger) {
    if (this.#is('isDeleted', stranger.dpid)) return
    const how = `vnctl datapaths add --display-name NAME --node-id NODE --dpid ${stranger.dpid}`
    this.#log.info(`bridge left alone: no datapath with its id is registered for this host; ${how}`, {
      ...stranger,
    })
  }

  /** A callback that throws is a fault of the caller; the other bridges must not suffer from it. */
  #call<N extends keyof OvsdbCallbacks>(name: N, ...args: Parameters<NonNullable<OvsdbCallbacks[N]>>) {
    try {
      const callback = this.#options[name] as ((...args: unknown[]) => void) | undefined
      callback?.apply(this.#options, args)
    } catch (error) {
      this.#log.error(`${name} threw`, { error: String(error) })
    }
  }
}

/** Wants and registrations are kept under one spelling. */
const normal = (dpid: DatapathId): DatapathId => parseDatapathId(dpid) ?? dpid

const refusalAlarm = ({ dpid, ovsdb, bridge, problem }: Refusal): OvsdbAlarm => ({
  kind: 'refused',
  ovsdb,
  bridge,
  dpid,
  problem,
})
