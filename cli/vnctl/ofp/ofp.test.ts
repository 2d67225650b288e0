import { describe, expect, test } from 'bun:test'
import { decode, encode, type Message, messageNode } from '../../../runtime/openflow/index.ts'
import { fromHex, random, toHex } from '../../../runtime/wire/index.ts'
import { seeded } from '../../../runtime/wire/testing.ts'
import { run } from './index.ts'

const hello = '04000010000000010001000800000012'
const barrier = '0414000800000002'
const helloJson = {
  version: 4,
  type: 'OFPT_HELLO',
  xid: 1,
  elements: [{ type: 'OFPHET_VERSIONBITMAP', bitmaps: [['1.0', '1.3']] }],
}
const barrierJson = { version: 4, type: 'OFPT_BARRIER_REQUEST', xid: 2 }

const bytesOf = (input: string | Uint8Array) =>
  typeof input === 'string' ? new TextEncoder().encode(input) : input

/** Runs the command on input given in pieces of some bytes. */
async function ofp(
  argv: string[],
  input: string | Uint8Array,
  pieceBytes = Number.POSITIVE_INFINITY,
  isTerminal = false,
) {
  const out: Uint8Array[] = []
  const errors: string[] = []
  async function* pieces() {
    const bytes = bytesOf(input)
    for (let at = 0; at < bytes.length; at += Math.min(pieceBytes, bytes.length))
      yield bytes.slice(at, at + pieceBytes)
  }
  const status = await run(argv, {
    open: pieces,
    write: async (output) => void out.push(bytesOf(output)),
    error: (line) => errors.push(line),
    isTerminal,
  })
  const bytes = new Uint8Array(Buffer.concat(out))
  const text = new TextDecoder().decode(bytes)
  return {
    status,
    bytes,
    text,
    errors,
    documents: () =>
      text
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
  }
}

/** Captured on the loopback interface: a hello, an acknowledgement without payload, a barrier with IPv6. */
const packets = `12:00:00.000001 IP 127.0.0.1.40000 > 127.0.0.1.6653: Flags [P.], length 16: OpenFlow
\t0x0000:  4500 0044 0001 4000 4006 0000 7f00 0001  E..D..@.@.......
\t0x0010:  7f00 0001 9c40 19fd 0000 0001 0000 0001  .....@..........
\t0x0020:  8018 0200 0000 0000 0101 080a 0000 0001  ................
\t0x0030:  0000 0001 0400 0010 0000 0001 0001 0008  ................
\t0x0040:  0000 0012                                ....
12:00:00.000002 IP 127.0.0.1.6653 > 127.0.0.1.40000: Flags [.], length 0
\t0x0000:  4500 0028 0001 4000 4006 0000 7f00 0001  E..(..@.@.......
\t0x0010:  7f00 0001 19fd 9c40 0000 0001 0000 0001  .......@........
\t0x0020:  5010 0200 0000 0000                      P.......
12:00:00.000003 IP6 ::1.40000 > ::1.6653: Flags [P.], length 8: OpenFlow
\t0x0000:  6000 0000 001c 0640 0000 0000 0000 0000  \`......@........
\t0x0010:  0000 0000 0000 0001 0000 0000 0000 0000  ................
\t0x0020:  0000 0000 0000 0001 9c40 19fd 0000 0001  .........@......
\t0x0030:  0000 0001 5018 0200 0000 0000 0414 0008  ....P...........
\t0x0040:  0000 0002                                ....
`

const binary = (hex: string) => fromHex(hex)!

describe('decode', () => {
  const forms: [string, string | Uint8Array][] = [
    ['binary', binary(hello + barrier)],
    ['hex', hello + barrier],
    ['hex with a newline at the end', `${hello}${barrier}\n`],
    ['pairs', (hello + barrier).replaceAll(/../g, '$& ')],
    ['lines of pairs', (hello + barrier).replaceAll(/.{8}/g, '$&\n')],
    ['a C array', `{ ${(hello + barrier).replaceAll(/../g, '0x$&, ')} };`.replace(';', '')],
    ['0x in front', `0x${hello}\n0x${barrier}`],
    ['capitals', (hello + barrier).toUpperCase()],
    ['a shell string', `"${hello} \\\n${barrier}"`],
    ['comments', `# hello\n${hello}\n# barrier\n${barrier}\n`],
    [
      'a dump of xxd',
      '00000000: 0400 0010 0000 0001 0001 0008 0000 0012  ................\n00000010: 0414 0008 0000 0002                      ........\n',
    ],
    [
      'a dump of hexdump -C',
      '00000000  04 00 00 10 00 00 00 01  00 01 00 08 00 00 00 12  |................|\n00000010  04 14 00 08 00 00 00 02                           |........|\n00000018\n',
    ],
    [
      'a dump of tcpdump -x',
      '\t0x0000:  0400 0010 0000 0001 0001 0008 0000 0012\n\t0x0010:  0414 0008 0000 0002\n',
    ],
    [
      'a dump of tcpdump -X',
      '\t0x0000:  0400 0010 0000 0001 0001 0008 0000 0012  ab cd............\n\t0x0010:  0414 0008 0000 0002                      ........\n',
    ],
    [
      'a dump with 4 digits',
      '0000  04 00 00 10 00 00 00 01 00 01 00 08 00 00 00 12  00 11 ..........\n0010  04 14 00 08 00 00 00 02                           ........\n',
    ],
    [
      'a dump of od',
      '000000 04 00 00 10 00 00 00 01 00 01 00 08 00 00 00 12  >................<\n000010 04 14 00 08 00 00 00 02                          >........<\n000018\n',
    ],
    ['packets of tcpdump -X', packets],
    [
      'a dump of ovs-ofctl',
      '00000000  04 00 00 10 00 00 00 01-00 01 00 08 00 00 00 12 |................|\n00000010  04 14 00 08 00 00 00 02-                        |........        |\n',
    ],
  ]
  describe.each(forms)('%s', (_, input) => {
    test.each([Number.POSITIVE_INFINITY, 1, 7, 64])('in pieces of %d', async (pieceBytes) => {
      const result = await ofp(['decode'], input, pieceBytes)
      expect(result.errors).toEqual([])
      expect(result.documents()).toEqual([helloJson, barrierJson])
      expect(result.status).toBe(0)
    })
  })

  test('a dump that leaves out lines is refused', async () => {
    const { errors, status } = await ofp(['decode'], '0000  04 00 00 10 00 00\n*\n0010  00 00\n')
    expect(errors[0]).toContain('line 3: offset 0x10, expected 0x6')
    expect(status).toBe(1)
  })

  test('an option that is not known is told in one line', async () => {
    const { errors, status } = await ofp(['decode', '--bogus'], '')
    expect(errors).toEqual([
      'vnctl ofp: unknown option --bogus (options: --pretty, --compact, --hex, --binary, --help)',
    ])
    expect(status).toBe(2)
  })

  test('a wrong message is told, and the next ones go on', async () => {
    const result = await ofp(['decode'], `${hello} 040a000c00000000 00000000 ${barrier}`)
    expect(result.documents()).toEqual([helloJson, barrierJson])
    expect(result.errors.length).toBe(1)
    expect(result.errors[0]).toContain('message 2 at byte 16: ')
    expect(result.errors[0]).toContain('total_len at byte 12')
    expect(result.status).toBe(1)
  })

  test.each([
    ['0400000000000001', 'the length in the header is 0'],
    ['0400000300000001', 'the length in the header is 3'],
    ['04000007', 'the length in the header is 7'],
    ['0400ffff00000001', 'expected 65535 bytes, received 8'],
    ['0400', 'the input ends within the message'],
  ])('after %s there is nothing to find', async (hex, what) => {
    for (const input of [`${barrier}${hex}`, binary(`${barrier}${hex}`)]) {
      const result = await ofp(['decode'], input)
      expect(result.documents()).toEqual([barrierJson])
      expect(result.errors).toEqual([expect.stringContaining(`message 2 at byte 8: `)])
      expect(result.errors[0]).toContain(what)
      expect(result.status).toBe(1)
    }
  })

  test('what is no hexadecimal text is told by line', async () => {
    const result = await ofp(['decode'], `${barrier}\n04 zz`)
    expect(result.documents()).toEqual([barrierJson])
    expect(result.errors[0]).toContain('line 2: "z" is no hexadecimal digit')
    expect(result.status).toBe(1)
    expect((await ofp(['decode'], '041')).errors[0]).toContain('a digit without its second half')
  })

  test('nothing is nothing', async () => {
    expect(await ofp(['decode'], '')).toMatchObject({ status: 0, text: '', errors: [] })
    expect(await ofp(['decode'], '\n\n')).toMatchObject({ status: 0, text: '', errors: [] })
  })

  test('a line on a pipe, indented on a terminal or when asked', async () => {
    expect((await ofp(['decode'], barrier)).text).toBe(`${JSON.stringify(barrierJson)}\n`)
    expect((await ofp(['decode'], barrier, 99, true)).text).toBe(`${JSON.stringify(barrierJson, null, 2)}\n`)
    expect((await ofp(['decode', '--pretty'], barrier)).text).toBe(
      `${JSON.stringify(barrierJson, null, 2)}\n`,
    )
    expect((await ofp(['decode', '--compact'], barrier, 99, true)).text).toBe(
      `${JSON.stringify(barrierJson)}\n`,
    )
  })
})

describe('encode', () => {
  test.each([
    ['{"xid":1}', 'message 1: version and type missing'],
    ['{"version":4}', 'message 1: type missing'],
  ])('%s lacks what every message has', async (document, problem) => {
    const { errors, status } = await ofp(['encode'], document)
    expect([status, errors]).toEqual([1, [expect.stringContaining(problem)]])
  })

  const both = [helloJson, barrierJson]
  const forms: [string, string][] = [
    ['lines', both.map((json) => JSON.stringify(json)).join('\n')],
    ['one after the other', both.map((json) => JSON.stringify(json)).join('')],
    ['indented', both.map((json) => JSON.stringify(json, null, 2)).join('\n')],
    ['an array', JSON.stringify(both)],
    ['an indented array', JSON.stringify(both, null, 2)],
  ]
  test.each(forms)('%s', async (_, text) => {
    for (const pieceBytes of [1, 10, 9_999]) {
      const result = await ofp(['encode'], text, pieceBytes)
      expect(result.errors).toEqual([])
      expect(toHex(result.bytes)).toBe(hello + barrier)
    }
  })

  test('hexadecimal, a line each, when asked or on a terminal', async () => {
    expect((await ofp(['encode', '--hex'], forms[0]![1])).text).toBe(`${hello}\n${barrier}\n`)
    expect((await ofp(['encode'], forms[0]![1], 99, true)).text).toBe(`${hello}\n${barrier}\n`)
    expect(toHex((await ofp(['encode', '--binary'], forms[0]![1], 99, true)).bytes)).toBe(hello + barrier)
  })

  test.each([
    ['{"version":4,"type":"OFPT_ECHO_REQUEST","xid":1,"data":"zz"}', 'data: not bytes'],
    ['{"version":4,"type":"OFPT_NO_SUCH","xid":1}', 'type: unknown name'],
    ['{"version":4,"type":"OFPT_BARRIER_REPLY"}', 'xid: not a number'],
    ['{"version":4,"type":"OFPT_BARRIER_REPLY","xid":1,"typo":2}', 'typo: unknown field'],
    ['{"version":4,"type":"OFPT_BARRIER_REPLY","xid":4294967296}', 'xid: not a number of this size'],
    ['{"version":4,"type":"OFPT_BARRIER_REPLY","xid":1,}', 'JSON'],
  ])('%s is told, and the others go on', async (text, what) => {
    const result = await ofp(['encode', '--hex'], `${text}\n${JSON.stringify(barrierJson)}`)
    expect(result.errors).toEqual([expect.stringContaining('message 1: ')])
    expect(result.errors[0]).toContain(what)
    expect(result.text).toBe(`${barrier}\n`)
    expect(result.status).toBe(1)
  })

  test('an input that ends early', async () => {
    const result = await ofp(['encode', '--hex'], `${JSON.stringify(barrierJson)} {"version":4`)
    expect(result.text).toBe(`${barrier}\n`)
    expect(result.errors[0]).toContain('the input ends within message 2')
    expect(result.status).toBe(1)
  })

  test('an array that is not ended', async () => {
    const result = await ofp(['encode', '--hex'], `[${JSON.stringify(barrierJson)},`)
    expect(result.text).toBe(`${barrier}\n`)
    expect(result.errors[0]).toContain('the input ends within message 2')
    expect(result.status).toBe(1)
  })
})

test('there and back, for random messages', async () => {
  const pick = seeded(11)
  const messages = Array.from({ length: 300 }, () => encode(random(messageNode, pick) as Message))
  for (const bytes of messages) expect(decode(bytes).ok).toBe(true)
  const all = new Uint8Array(Buffer.concat(messages))
  const decoded = await ofp(['decode'], all, 1_000)
  expect(decoded.errors).toEqual([])
  const encoded = await ofp(['encode'], decoded.text, 1_000)
  expect(encoded.errors).toEqual([])
  expect(toHex(encoded.bytes)).toBe(toHex(all))
})

test('wrong use is status 2, help is 0', async () => {
  for (const argv of [[], ['nonsense'], ['decode', 'a', 'b'], ['decode', '--nonsense']])
    expect((await ofp(argv, '')).status).toBe(2)
  expect(await ofp(['--help'], '')).toMatchObject({
    status: 0,
    text: expect.stringContaining('vnctl ofp decode'),
  })
})
