import { parseArgs } from 'node:util'
import { decodeFile, messageOf } from './decode.ts'
import { encodeFile } from './encode.ts'
import { type OfpIo, processIo } from './io.ts'

const usage = `Usage: vnctl ofp decode [--pretty | --compact] [FILE]
       vnctl ofp encode [--hex | --binary] [FILE]

decode reads OpenFlow messages, binary or hexadecimal, any number of them one after the other, from FILE or standard
input, and prints a JSON document for each: indented on a terminal, else one on a line. Hexadecimal text may have white
space, 0x, commas, quotes and comment lines of #, or be a dump of xxd, hexdump, od, tshark -x or tcpdump -X (also of
whole packets).

encode reads such documents, one after the other or as an array, and writes the messages: binary, or hexadecimal, one
on a line, on a terminal.

A message that cannot be read or written is told on standard error with its number and place; the others go on, and the
exit status is 1.
`

const options = {
  pretty: { type: 'boolean' },
  compact: { type: 'boolean' },
  hex: { type: 'boolean' },
  binary: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const

/** Node's own words for an option that is not known are about positional arguments. */
function usageProblem(error: unknown): string {
  const message = messageOf(error)
  const option = /^Unknown option '([^']*)'/.exec(message)?.[1]
  if (option === undefined) return message
  const known = Object.keys(options).map((name) => `--${name}`)
  return `unknown option ${option} (options: ${known.join(', ')})`
}

/** `vnctl ofp …`. Returns the exit status: 0, 1 where a message was wrong, 2 where the command was. */
export async function run(argv: string[], io: OfpIo = processIo()): Promise<number> {
  let parsed: ReturnType<typeof parse>
  try {
    parsed = parse(argv)
  } catch (error) {
    io.error(`vnctl ofp: ${usageProblem(error)}`)
    return 2
  }
  const { values, positionals } = parsed
  const [action, file = '-', ...more] = positionals
  if (values.help) {
    await io.write(usage)
    return 0
  }
  if ((action !== 'decode' && action !== 'encode') || more.length > 0) {
    io.error(usage)
    return 2
  }
  if (action === 'decode') return decodeFile(file, values.pretty ?? (io.isTerminal && !values.compact), io)
  return encodeFile(file, values.hex ?? (io.isTerminal && !values.binary), io)
}

const parse = (args: string[]) => parseArgs({ args, options, allowPositionals: true })
