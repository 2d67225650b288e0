/** Everything that an Open vSwitch holds, for comparing before and after. */
import type { OpenVswitch } from './open-vswitch.ts'
import { runCommand } from './open-vswitch.ts'

/** Columns that Open vSwitch itself keeps writing. */
const alive = ['statistics', 'status', 'link_state', 'link_speed', 'duplex', 'admin_state', 'cur_cfg']
const tables = [
  'Open_vSwitch',
  'Bridge',
  'Port',
  'Interface',
  'Controller',
  'Manager',
  'QoS',
  'Queue',
  'Mirror',
]

async function rows({ dbSocket }: OpenVswitch, table: string): Promise<string[]> {
  const text = await runCommand([
    'ovsdb-client',
    ...['--format=json', 'dump', `unix:${dbSocket}`, 'Open_vSwitch', table],
  ])
  const { headings, data } = JSON.parse(text) as { headings: string[]; data: unknown[][] }
  return data.map((row) =>
    JSON.stringify(row.filter((_, i) => !alive.includes(headings[i]!) && headings[i] !== '_version')),
  )
}

const lines = (text: string) =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !/^(OFPST|NXST)/.test(line))
    .sort()

/** Flows, groups and meters without their counts, and the whole configuration database. */
export async function snapshot(openVswitch: OpenVswitch, bridges: readonly string[]) {
  const held: Record<string, string[]> = {}
  for (const bridge of bridges) {
    held[`flows of ${bridge}`] = lines(await openVswitch.ofctl('dump-flows', '--no-stats', bridge))
    held[`groups of ${bridge}`] = lines(await openVswitch.ofctl('dump-groups', bridge))
    held[`meters of ${bridge}`] = lines(await openVswitch.ofctl('dump-meters', bridge))
  }
  for (const table of tables) held[table] = (await rows(openVswitch, table)).sort()
  return held
}
