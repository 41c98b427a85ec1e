import { describe, expect, it } from 'vitest';
import { parseAuth } from './digest.ts';
import { parseValueParams } from './fields.ts';
import { type Framed, StreamFramer } from './framer.ts';
import { parseMultipart } from './multipart.ts';
import { parseNameAddr } from './name-addr.ts';
import { parseMessage, SipParseError } from './parse.ts';
import { INVALID } from './rfc4475-invalid.fixture.ts';
import { VALID } from './rfc4475-valid.fixture.ts';
import { parseUri } from './uri.ts';

/** Runs it; whatever is thrown must be a SipParseError. Returns the CPU milliseconds of this thread, the best of three runs. */
function cost(task: () => unknown): number {
  let best = Infinity;
  for (let run = 0; run < 3 && best > 50; run++) {
    const before = process.threadCpuUsage();
    try {
      task();
    } catch (error) {
      if (!(error instanceof SipParseError)) throw error;
    }
    const { user, system } = process.threadCpuUsage(before);
    best = Math.min(best, (user + system) / 1000);
  }
  return best;
}

/** A message of nearly 64 kB whose one header is long and strange. */
function stuffed(start: string, headers: string): Buffer {
  const given = ['Via', 'To', 'From', 'Call-ID', 'CSeq'].filter((name) => !headers.startsWith(`${name}:`));
  const plain: Record<string, string> = {
    Via: 'SIP/2.0/UDP h;branch=z9hG4bK1',
    To: '<sip:a@h>',
    From: '<sip:b@h>;tag=1',
    'Call-ID': 'hostile',
    CSeq: '1 INVITE',
  };
  return Buffer.from(`${start}\r\n${given.map((name) => `${name}: ${plain[name]}\r\n`).join('')}${headers}\r\n\r\n`);
}

const REPEATED = [
  ';',
  ',',
  '"',
  '<',
  '>',
  '\\',
  ':',
  ' ',
  '\t',
  '%',
  '=',
  '@',
  '[',
  ']',
  '?',
  '&',
  '/',
  '-',
  '0',
  'a',
  '\0',
  '\u{e9}',
].concat(['\r\n ', '\r', '%41', ';a', ',a', '";', '<>', '<sip:a>,', '\\"', 'a=b;', '"a",', ' ;', '; ,', '::']);

describe('no input costs more than 50 ms', () => {
  it.each(REPEATED)('%j over and over in every place', (piece) => {
    const long = piece.repeat(Math.floor(60_000 / Buffer.byteLength(piece)));
    const start = 'INVITE sip:a@h SIP/2.0';
    const headers = [
      'To',
      'From',
      'Via',
      'Contact',
      'Record-Route',
      'CSeq',
      'Call-ID',
      'Content-Length',
      'Content-Type',
      'X',
    ];
    const values = ['', '<sip:a@h>', '"a" <sip:a@h>;', 'SIP/2.0/UDP h', '1 '];
    for (const name of headers) {
      for (const value of values) {
        expect(cost(() => parseMessage(stuffed(start, `${name}: ${value}${long}`)))).toBeLessThan(50);
        expect(cost(() => parseMessage(stuffed(start, `${name}: ${long}${value}`)))).toBeLessThan(50);
      }
    }
    for (const line of [
      `INVITE sip:${long} SIP/2.0`,
      `${long} sip:a SIP/2.0`,
      `INVITE sip:a@h ${long}`,
      `SIP/2.0 ${long}`,
      long,
    ]) {
      expect(cost(() => parseMessage(stuffed(line, 'X: y')))).toBeLessThan(50);
    }
    for (const read of [parseUri, parseNameAddr, parseAuth, parseValueParams]) {
      for (const text of [long, `sip:${long}`, `<sip:a@h>${long}`, `Digest ${long}`, `tel:${long}`]) {
        expect(cost(() => read(text))).toBeLessThan(50);
      }
    }
  });

  it.each([
    ...REPEATED,
    '\n',
    '--',
    '\n--',
    '\n--b',
    '\r\n--b\r\n',
    'a:\n',
    '\n--b\nContent-Type: multipart/x;boundary=b\n\n',
  ])('a 2 MB multipart of %j', (piece) => {
    const body = Buffer.alloc(2_097_152, piece);
    for (const boundary of ['b', '-'.repeat(198), '-'.repeat(60_000), '']) {
      expect(cost(() => parseMultipart(`multipart/mixed;boundary="${boundary}"`, body))).toBeLessThan(50);
      const inner = Buffer.concat([Buffer.from('--b\r\n'), body]);
      expect(cost(() => parseMultipart('multipart/mixed;boundary=b', inner))).toBeLessThan(50);
    }
  });

  it('64 kB pushed byte by byte cost like one push', () => {
    const bytes = stuffed('INVITE sip:a@h SIP/2.0', `l: 0\r\n${'X: yyyyyyyyyyyyyyyyyyyy\r\n'.repeat(400)}X: y`);
    const framer = new StreamFramer();
    let messages = 0;
    expect(
      cost(() => bytes.forEach((_, at) => (messages += framer.push(bytes.subarray(at, at + 1)).length))),
    ).toBeLessThan(50);
    expect(messages).toBeGreaterThan(0);
  });

  it('a 2 MB body in chunks of 100 bytes', () => {
    const body = Buffer.alloc(2_000_000, 'x');
    const bytes = Buffer.concat([stuffed('INVITE sip:a@h SIP/2.0', `l: ${body.length}`), body]);
    const framer = new StreamFramer();
    const framed: unknown[] = [];
    expect(
      cost(() => {
        for (let at = 0; at < bytes.length; at += 100) framed.push(...framer.push(bytes.subarray(at, at + 100)));
      }),
    ).toBeLessThan(50);
    expect(framed[0]).toMatchObject({ method: 'INVITE', body });
  });
});

describe('limits', () => {
  it('more than 64 kB is 513, more than 512 header lines 400', () => {
    expect(() => parseMessage(Buffer.alloc(65_536, 'a'))).toThrow(expect.objectContaining({ status: 513 }));
    const many = stuffed('INVITE sip:a@h SIP/2.0', 'X: y\r\n'.repeat(600));
    expect(() => parseMessage(many)).toThrow(expect.objectContaining({ reason: 'Too many headers' }));
  });
});

/** A generator of whole numbers below its argument (mulberry32), so that a find can be had again from its seed. */
function dice(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d_2b_79_f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

const BITS = [
  '\r\n',
  '\n',
  ' ',
  ';',
  ',',
  '"',
  '<',
  '>',
  ':',
  '\0',
  '%00',
  '--',
  '[::1]',
  'l: 5\r\n',
  '99999999999',
  '\\',
  '\u{fffd}',
];

/** One to eight bytes flipped, pieces cut out, doubled, taken from another message or put in. */
function mutate(bytes: Buffer, other: Buffer, roll: (below: number) => number): Buffer {
  let mutant = Buffer.from(bytes);
  for (let count = 1 + roll(8); count > 0; count--) {
    const at = roll(mutant.length + 1);
    const end = Math.min(mutant.length, at + roll(64));
    const [before, piece, after] = [mutant.subarray(0, at), mutant.subarray(at, end), mutant.subarray(end)];
    const from = roll(other.length);
    const inserts = [
      Buffer.from([roll(256)]),
      Buffer.alloc(0),
      Buffer.concat([piece, piece]),
      other.subarray(from, from + roll(128)),
      Buffer.concat([piece, Buffer.from(BITS[roll(BITS.length)]!)]),
    ];
    mutant = Buffer.concat([before, inserts[roll(inserts.length)]!, after]);
  }
  return mutant;
}

function summary(framed: Framed): unknown {
  if (framed === 'keepalive') return framed;
  if (framed instanceof SipParseError) return [framed.message, framed.fatal, framed.partial?.body.length];
  return [framed.kind, framed.headers.size, framed.body.length];
}

describe('mutations', () => {
  const count = Number(process.env['EARSHOT_FUZZ'] ?? 3000);
  const seeds = [...Object.values(VALID), ...Object.values(INVALID).map(({ bytes }) => bytes)];

  it(
    `${count} of the torture messages: a message or a SipParseError, a split stream as the whole`,
    { timeout: 15_000 + count },
    () => {
      const roll = dice(4475);
      for (let run = 0; run < count; run++) {
        const bytes = mutate(seeds[roll(seeds.length)]!, seeds[roll(seeds.length)]!, roll);
        expect(cost(() => parseMessage(bytes))).toBeLessThan(50);
        const framer = new StreamFramer();
        const at = roll(bytes.length + 1);
        const framed = [...framer.push(bytes.subarray(0, at)), ...framer.push(bytes.subarray(at))];
        expect(framed.map(summary)).toEqual(new StreamFramer().push(bytes).map(summary));
      }
    },
  );

  it(`${count} of multipart bodies: parts that lie within the body`, { timeout: 15_000 + count }, () => {
    const roll = dice(5621);
    const { headers, body } = parseMessage(VALID['mpart01']!);
    const type = headers.get('Content-Type');
    for (let run = 0; run < count; run++) {
      const bytes = mutate(body, body, roll);
      const parts = parseMultipart(type, bytes);
      expect(parts.length).toBeGreaterThan(0);
      expect(parts.reduce((sum, part) => sum + part.body.length, 0)).toBeLessThanOrEqual(bytes.length);
    }
  });
});
