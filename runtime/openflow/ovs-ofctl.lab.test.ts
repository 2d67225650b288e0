/** What `ovs-ofctl` writes must come back from our values byte for byte, and it must read what we write. */
import { describe, expect, test } from 'bun:test'
import { toHex } from '../wire/index.ts'
import { decode, encode, fromJson, toJson } from './index.ts'
import { commands } from './testing/command-texts.ts'
import { actions, matches, settings } from './testing/flow-texts.ts'
import { capture, print } from './testing/ofctl.ts'

const seen = new Set<string>()

/** Decodes, goes through JSON text, and encodes again. */
function throughJson(bytes: Uint8Array): Uint8Array {
  const message = decode(bytes)
  if (!message.ok) throw new Error(JSON.stringify(message.problem))
  const text = JSON.stringify(toJson(message.value))
  for (const [, name] of text.matchAll(/"(?:field|type|src|dst|multipart_type)":"(\w+)"/g)) seen.add(name!)
  // A field, action or message that has no name here would be hidden by the round trip.
  expect(text).not.toMatch(/"unknown"|"raw"|"type":\d|_EXPERIMENTER/)
  const again = fromJson(JSON.parse(text))
  if (!again.ok) throw new Error(JSON.stringify(again.problem))
  return encode(again.value)
}

async function roundTrip(command: string, rest: readonly string[], options: readonly string[] = []) {
  const captured = await capture(command, rest, options)
  expect(captured.output).not.toContain('ovs-ofctl:')
  expect(captured.messages.length).toBeGreaterThan(0)
  for (const bytes of captured.messages) expect(toHex(throughJson(bytes))).toBe(toHex(bytes))
  return captured.messages
}

describe('flows of ovs-ofctl', () => {
  const flows = [...matches.map((text) => `${text} actions=drop`), ...actions, ...settings]
  test.each(flows)('%s', async (flow) => {
    const messages = await roundTrip('add-flow', [flow])
    const text = await print(messages.at(-1)!)
    expect(text).toContain('OFPT_FLOW_MOD (OF1.3)')
    expect(text).not.toContain('***')
  })

  test('together they use every Nicira action that ovs-ofctl writes over 1.3', () => {
    const written = [...seen].filter((name) => name.startsWith('NXAST_')).sort()
    expect(written).toEqual([...niciraActions].sort())
  })
})

describe('commands of ovs-ofctl', () => {
  test.each(commands.map((line) => [line.flat().join(' '), ...line] as const))(
    '%s',
    async (_, options, command, rest) => {
      await roundTrip(command, rest, options)
    },
  )
})

const niciraActions = [
  'NXAST_BUNDLE',
  'NXAST_BUNDLE_LOAD',
  'NXAST_CHECK_PKT_LARGER',
  'NXAST_CLONE',
  'NXAST_CONJUNCTION',
  'NXAST_CONTROLLER',
  'NXAST_CONTROLLER2',
  'NXAST_CT',
  'NXAST_CT_CLEAR',
  'NXAST_DECAP',
  'NXAST_DEC_NSH_TTL',
  'NXAST_DEC_TTL_CNT_IDS',
  'NXAST_DELETE_FIELD',
  'NXAST_ENCAP',
  'NXAST_EXIT',
  'NXAST_FIN_TIMEOUT',
  'NXAST_LEARN',
  'NXAST_LEARN2',
  'NXAST_MULTIPATH',
  'NXAST_NAT',
  'NXAST_NOTE',
  'NXAST_OUTPUT_REG',
  'NXAST_OUTPUT_TRUNC',
  'NXAST_POP_QUEUE',
  'NXAST_REG_LOAD',
  'NXAST_REG_LOAD2',
  'NXAST_REG_MOVE',
  'NXAST_RESUBMIT_TABLE',
  'NXAST_RESUBMIT_TABLE_CT',
  'NXAST_SAMPLE',
  'NXAST_SAMPLE2',
  'NXAST_SAMPLE3',
  'NXAST_STACK_POP',
  'NXAST_STACK_PUSH',
]
