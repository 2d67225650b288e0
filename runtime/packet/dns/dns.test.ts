import { describe, expect, test } from 'bun:test'
import type { Result } from '../../problem.ts'
import { buildDnsAnswer, buildDnsError, type DnsAnswer, type DnsRecord, emptyDnsAnswer } from './answer.ts'
import { dnsCode, dnsType } from './constants.ts'
import { adaptDnsForwarded, buildDnsForward, dnsForwardKey, readDnsForwarded } from './forward.ts'
import { canonicalDnsName, dnsNameBytes, isWithin, readDnsName, reversedOctets } from './names.ts'
import { type DnsQuery, readDnsHeader, readDnsQuery } from './query.ts'

const bytesOf = (hex: string) => Uint8Array.fromHex(hex.replaceAll(' ', ''))
const viewOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
const unwrap = <T>(result: Result<T>): T => {
  if (!result.ok) throw new Error(JSON.stringify(result.problem))
  return result.value
}
const problemOf = (result: Result<unknown>) => (result.ok ? 'none' : result.problem.what)

const question = (name: string, type: number) =>
  `${dnsNameBytes(name).toHex()}00${type.toString(16).padStart(2, '0')}0001`
/** As a client sends it: number 0x1234, recursion desired. */
const queryBytes = (name: string, type: number = dnsType.a, opt = '') =>
  bytesOf(`1234 0100 0001 0000 0000 000${opt === '' ? 0 : 1} ${question(name, type)} ${opt}`)
const edns = (length: number, flags = '0000') =>
  `00 0029 ${length.toString(16).padStart(4, '0')} 0000 ${flags} 0000`
const readQuery = (bytes: Uint8Array) => readDnsQuery(viewOf(bytes), 0, bytes.length)
const query = (name: string, type?: number, opt?: string): DnsQuery =>
  unwrap(readQuery(queryBytes(name, type, opt)))

describe('names', () => {
  const read = (hex: string, at = 12) => {
    const bytes = bytesOf(hex)
    return readDnsName(viewOf(bytes), at, bytes.length, 0)
  }
  const header = '00'.repeat(12)

  test('labels become canonical text, and pointers are followed back', () => {
    expect(unwrap(read(`${header} 03 575757 02 4558 00`))).toEqual({ text: 'www.ex', next: 20 })
    expect(unwrap(read(`${header} 02 6578 00 01 61 c00c`, 16))).toEqual({ text: 'a.ex', next: 20 })
    expect(unwrap(read(`${header} 00`)).text).toBe('')
    // A dot, a space and a byte beyond ASCII within a label are not what they look like.
    expect(unwrap(read(`${header} 04 612e20ff 00`)).text).toBe('a\\046\\032\\255')
    expect(dnsNameBytes('a\\046\\032\\255').toHex()).toBe('04612e20ff00')
  })

  test.each([
    ['a pointer to itself', `${header} c00c`, 'a pointer leads'],
    ['a pointer onwards', `${header} c00e 00`, 'a pointer leads'],
    ['two that lead to each other', `${header} c00e c00c`, 'a pointer leads'],
    ['a pointer into the header', `${header} c000`, 'a pointer leads'],
    ['a label that leads back to itself', `${header} 0161 c00c`, 'a pointer leads'],
    ['half a pointer', `${header} c0`, 'past the end'],
    ['a label that is cut', `${header} 05 6161`, 'past the end'],
    ['no end', `${header} 0161`, 'past the end'],
    ['nothing', header, 'past the end'],
    ['an unknown kind of label', `${header} 41 00`, 'an unknown kind'],
    ['more than 255 bytes', `${header} ${`3f${'61'.repeat(63)}`.repeat(4)} 00`, 'too long'],
  ])('%s is malformed', (_, hex, problem) => expect(problemOf(read(hex))).toContain(problem))

  test('what people write is canonical, or no name', () => {
    expect(canonicalDnsName('Www.Example.')).toBe('www.example')
    expect(canonicalDnsName('_sip._udp.a-b')).toBe('_sip._udp.a-b')
    for (const none of ['', '.', 'a..b', '-a', 'a-', 'a b', '*.a', 'ä', 'a'.repeat(64), 'a.'.repeat(130)])
      expect(canonicalDnsName(none)).toBeNull()
    expect(canonicalDnsName(`${'a.'.repeat(126)}a`)).not.toBeNull()
  })

  test('zones and reverse names', () => {
    expect([isWithin('a.b', 'b'), isWithin('b', 'b'), isWithin('ab', 'b'), isWithin('x', '')]).toEqual([
      true,
      true,
      false,
      true,
    ])
    expect(reversedOctets('11.0.0.10.in-addr.arpa')).toEqual([10, 0, 0, 11])
    expect(reversedOctets('0.10.in-addr.arpa')).toEqual([10, 0])
    for (const none of [
      '256.0.0.10.in-addr.arpa',
      '01.in-addr.arpa',
      '1.2.3.4.5.in-addr.arpa',
      'arpa',
      'a.in-addr.arpa',
    ])
      expect(reversedOctets(none)).toBeNull()
  })
})

describe('queries', () => {
  test('are read with EDNS and without', () => {
    expect(query('Www.Example')).toMatchObject({
      id: 0x1234,
      opcode: 0,
      question: { name: 'www.example', type: 1, class: 1 },
      edns: null,
    })
    expect(query('a', 28, edns(1_232, '8000')).edns).toEqual({ version: 0, length: 1_232, dnssecOk: true })
    // Less than 512 is said by those who mean 512.
    expect(query('a', 1, edns(100)).edns?.length).toBe(512)
    expect(query('a', 1, '00 0029 04d0 00050000 0000').edns?.version).toBe(5)
  })

  test.each([
    [
      'two questions',
      `1234 0100 0002 0000 0000 0000 ${question('a', 1)} ${question('b', 1)}`,
      'not one question',
    ],
    ['no question', '1234 0100 0000 0000 0000 0000', 'not one question'],
    ['answers', `1234 0100 0001 0001 0000 0000 ${question('a', 1)}`, 'a query with answers'],
    [
      'EDNS twice',
      `1234 0100 0001 0000 0000 0002 ${question('a', 1)} ${edns(512)} ${edns(512)}`,
      'EDNS twice',
    ],
    [
      'EDNS with a name',
      `1234 0100 0001 0000 0000 0001 ${question('a', 1)} 0161 ${edns(512)}`,
      'EDNS with a name',
    ],
    ['a record that is not there', `1234 0100 0001 0000 0000 0001 ${question('a', 1)}`, 'past the end'],
    [
      'a record of more than there is',
      `1234 0100 0001 0000 0000 0001 ${question('a', 1)} 00 0029 0200 00000000 0001`,
      'past the end',
    ],
    ['a question that is cut', '1234 0100 0001 0000 0000 0000 0161 00 0001', 'the question is cut'],
  ])('with %s are malformed', (_, hex, problem) =>
    expect(problemOf(readQuery(bytesOf(hex)))).toContain(problem),
  )

  test('a short message has no header', () => {
    expect(readDnsHeader(viewOf(bytesOf('1234 0100 0001')), 0, 6)).toBeNull()
  })
})

const answerOf = (answers: readonly DnsRecord[], more: Partial<DnsAnswer> = {}): DnsAnswer => ({
  ...emptyDnsAnswer(dnsCode.noError),
  authoritative: true,
  answers,
  ...more,
})
const address = (name: string, last: number, ttlS = 300): DnsRecord => ({
  type: 'A',
  name,
  ttlS,
  address: 0x0a00_0000 + last,
})

describe('answers', () => {
  test('repeat the question byte for byte, and point to it', () => {
    const asked = query('WwW.ExAmPlE')
    expect(buildDnsAnswer(asked, answerOf([address('www.example', 1)])).toHex()).toBe(
      bytesOf(
        `1234 8500 0001 0001 0000 0000 ${question('WwW.ExAmPlE', 1)} c00c 0001 0001 0000012c 0004 0a000001`,
      ).toHex(),
    )
  })

  test('have every type, and names within them are compressed', () => {
    const soa: DnsRecord = {
      type: 'SOA',
      name: 'example',
      ttlS: 30,
      server: 'ns.example',
      mailbox: 'hostmaster.example',
      serial: 1,
      refreshS: 2,
      retryS: 3,
      expireS: 4,
      negativeS: 5,
    }
    const records: DnsRecord[] = [
      { type: 'CNAME', name: 'www.example', ttlS: 1, target: 'web.example' },
      { type: 'AAAA', name: 'web.example', ttlS: 1, address: new Uint8Array(16).fill(0x20) },
    ]
    const built = buildDnsAnswer(query('www.example', 28), answerOf(records, { authority: [soa] })).toHex()
    // 12: www, 16: example; 29 is where the answers begin.
    expect(built.slice(58)).toBe(
      bytesOf(
        `c00c 0005 0001 00000001 0006 03776562 c010
         c029 001c 0001 00000001 0010 ${'20'.repeat(16)}
         c010 0006 0001 0000001e 0026 026e73 c010 0a686f73746d6173746572 c010
         00000001 00000002 00000003 00000004 00000005`.replaceAll(/\s/g, ''),
      ).toHex(),
    )
  })

  test('that are too long have as many records as fit, and say so', () => {
    const many = Array.from({ length: 100 }, (_, n) => address('www.example', n))
    const plain = buildDnsAnswer(query('www.example'), answerOf(many))
    expect(plain.length).toBeLessThanOrEqual(512)
    const view = viewOf(plain)
    expect(view.getUint16(2) & 0x0200).toBe(0x0200)
    expect(view.getUint16(6)).toBe(Math.floor((512 - 29) / 16))
    // With EDNS as much as the client takes, but never more than crosses every path.
    for (const [offered, most] of [
      [800, 800],
      [4_096, 1_232],
    ] as const) {
      const built = buildDnsAnswer(query('www.example', 1, edns(offered)), answerOf(many))
      expect(built.length).toBeLessThanOrEqual(most)
      expect(built.length).toBeGreaterThan(most - 16)
      expect(built.toHex()).toEndWith('00002904d0000000000000')
    }
    const whole = buildDnsAnswer(query('www.example', 1, edns(4_096)), answerOf(many.slice(0, 70)))
    expect(viewOf(whole).getUint16(2) & 0x0200).toBe(0)
  })

  test('codes beyond four bits are in the OPT record; errors have a header only', () => {
    const built = buildDnsAnswer(query('a', 1, edns(512, '8000')), emptyDnsAnswer(dnsCode.badVersion)).toHex()
    expect(built.slice(4, 8)).toBe('8100')
    expect(built).toEndWith('00002904d0010080000000')
    const header = readDnsHeader(viewOf(queryBytes('a')), 0, 12)!
    expect(buildDnsError(header).toHex()).toBe('123481010000000000000000')
  })
})

describe('forwarding', () => {
  const asked = query('WwW.ExAmPlE', 1, edns(1_232))
  const upstream = (more: string, counts = '0001 0000 0000', flags = '8180') =>
    bytesOf(`0007 ${flags} 0001 ${counts} ${question('www.example', 1)} ${more}`.replaceAll(/\s/g, ''))
  const record = (ttl: number, last = '01') =>
    `c00c 0001 0001 ${ttl.toString(16).padStart(8, '0')} 0004 c00002${last}`
  const soa = (ttl: number, negative: number) =>
    `c010 0006 0001 ${ttl.toString(16).padStart(8, '0')} 0016 0000 ${'00000001'.repeat(4)} ${negative.toString(16).padStart(8, '0')}`

  test('a query is asked with a number of ours', () => {
    expect(buildDnsForward(asked, 7).toHex()).toBe(
      bytesOf(`0007 0100 0001 0000 0000 0001 ${question('WwW.ExAmPlE', 1)} ${edns(1_232)}`).toHex(),
    )
    expect(dnsForwardKey(asked)).toBe(dnsForwardKey(query('www.example')))
    expect(dnsForwardKey(asked)).not.toBe(dnsForwardKey(query('www.example', 1, edns(1_232, '8000'))))
    expect(dnsForwardKey(asked)).not.toBe(dnsForwardKey(query('www.example', 28)))
  })

  test.each([
    ['the least of its records', upstream(record(300) + record(20, '02'), '0002 0000 0000'), 20],
    ['what its zone says, where there is nothing', upstream(soa(600, 40), '0000 0001 0000'), 40],
    ['the least of both', upstream(soa(10, 40), '0000 0001 0000', '8183'), 10],
    ['nothing, where no zone says anything', upstream('', '0000 0000 0000', '8183'), 0],
    ['nothing, where it is cut', upstream(record(300), '0001 0000 0000', '8380'), 0],
    ['nothing, where it failed', upstream('', '0000 0000 0000', '8182'), 0],
    ['nothing, where a time is none', upstream(record(0x8000_0000)), 0],
  ])('is remembered as long as %s', (_, bytes, ttlS) => {
    expect(unwrap(readDnsForwarded(bytes, asked)).ttlS).toBe(ttlS)
  })

  test.each([
    ['a query', upstream('', '0000 0000 0000', '0180')],
    ['an answer to another name', bytesOf(`0007 8180 0001 0000 0000 0000 ${question('other', 1)}`)],
    ['an answer about another type', bytesOf(`0007 8180 0001 0000 0000 0000 ${question('www.example', 28)}`)],
    ['records that are not there', upstream(record(1), '0002 0000 0000')],
    ['an extended code', upstream('00 0029 04d0 01000000 0000', '0000 0000 0001')],
    ['nothing', new Uint8Array(0)],
  ])('%s is no answer', (_, bytes) => expect(readDnsForwarded(bytes, asked).ok).toBe(false))

  test('an answer is adapted: number, case and times of whoever asks, without what is for servers', () => {
    const bytes = upstream(record(300) + soa(9, 9) + record(1) + edns(4_096), '0001 0001 0002', '85a0')
    expect(adaptDnsForwarded(bytes, asked, 100.9).toHex()).toBe(
      bytesOf(
        `1234 8180 0001 0001 0001 0001 ${question('WwW.ExAmPlE', 1)} ${record(200)} ${soa(0, 9)} ${edns(1_232)}`.replaceAll(
          /\s/g,
          '',
        ),
      ).toHex(),
    )
  })

  test('an answer that is too long for the client is cut after a record', () => {
    const long = upstream(record(1).repeat(60), '003c 0000 0000')
    const cut = adaptDnsForwarded(long, query('www.example'), 0)
    expect(cut.length).toBeLessThanOrEqual(512)
    expect(viewOf(cut).getUint16(2)).toBe(0x8380)
    expect(viewOf(cut).getUint16(6)).toBe(30)
    expect(viewOf(adaptDnsForwarded(long, asked, 0)).getUint16(6)).toBe(60)
  })
})
