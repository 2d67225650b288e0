/** Clients that write to the API without pause, and remember what was acknowledged. */
import type { HostProcess } from './host-process.ts'

const clients = 4
const pauseAfterFailureMs = 20
const pageLimit = 500

export interface Written {
  /** Uuids of interfaces whose creation was answered with success. */
  readonly acknowledged: readonly string[]
  /** How often each other status was answered; 0: no answer. */
  readonly failures: ReadonlyMap<number, number>
}

const hex = (n: number) => n.toString(16).padStart(2, '0')

/** Creates interfaces with an address each in a network while `happen` runs. `series` (0–255) keeps them apart from other runs. */
export async function writeDuring(
  host: HostProcess,
  network: string,
  series: number,
  happen: () => Promise<unknown>,
): Promise<Written> {
  const acknowledged: string[] = []
  const failures = new Map<number, number>()
  let going = true
  let count = 0
  const client = async () => {
    while (going) {
      const n = count++
      const uuid = `if-w${series}x${n}`
      const status = await host
        .request('POST', '/interfaces', {
          uuid,
          mode: 'vif',
          port_name: `w${series}x${n}`,
          network_uuid: network,
          mac_address: `06:00:${hex(series)}:${hex(n >> 16)}:${hex((n >> 8) & 255)}:${hex(n & 255)}`,
          ipv4_address: `10.${series}.${n >> 8}.${n & 255}`,
        })
        .then(
          (answer) => answer.status,
          () => 0,
        )
      if (status >= 200 && status < 300) acknowledged.push(uuid)
      else {
        failures.set(status, (failures.get(status) ?? 0) + 1)
        await Bun.sleep(pauseAfterFailureMs)
      }
    }
  }
  const running = Array.from({ length: clients }, client)
  try {
    await happen()
  } finally {
    going = false
    await Promise.all(running)
  }
  return { acknowledged, failures }
}

async function all<T>(host: HostProcess, path: string): Promise<T[]> {
  const items: T[] = []
  for (;;) {
    const page = await host.api<{ items: T[] }>('GET', `${path}?limit=${pageLimit}&offset=${items.length}`)
    items.push(...page.items)
    if (page.items.length < pageLimit) return items
  }
}

/** What of the acknowledged is not there, and what is there by half. */
export async function lostOrHalf(host: HostProcess, acknowledged: readonly string[]): Promise<string[]> {
  const interfaces = await all<{ uuid: string; id: number }>(host, '/interfaces')
  const leases = await all<{ interface_id: number }>(host, '/ip_leases')
  const there = new Set(interfaces.map(({ uuid }) => uuid))
  const leased = new Set(leases.map((lease) => lease.interface_id))
  return [
    ...acknowledged.filter((uuid) => !there.has(uuid)).map((uuid) => `${uuid} is lost`),
    ...interfaces
      .filter(({ uuid, id }) => uuid.startsWith('if-w') && !leased.has(id))
      .map(({ uuid }) => `${uuid} has no address`),
  ]
}
