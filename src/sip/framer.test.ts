import { describe, expect, it } from 'vitest';
import { type Framed, StreamFramer } from './framer.ts';
import { parseMessage, SipParseError } from './parse.ts';
import { APPLICATION } from './rfc4475-application.fixture.ts';
import { INVALID } from './rfc4475-invalid.fixture.ts';
import { VALID } from './rfc4475-valid.fixture.ts';
import { wire } from './wire.fixture.ts';

function message(length: string, body = ''): Buffer {
  return Buffer.concat([
    wire(`
MESSAGE sip:a@example.com SIP/2.0
Via: SIP/2.0/TCP h;branch=z9hG4bK1
To: <sip:a@example.com>
From: <sip:b@example.com>;tag=1
Call-ID: framer
CSeq: 1 MESSAGE
${length}

`),
    Buffer.from(body),
  ]);
}

/** Everything that comes out, in a form that can be compared. */
function outcome(items: readonly Framed[]): unknown[] {
  return items.map((item) => {
    if (item === 'keepalive') return item;
    if (item instanceof SipParseError)
      return { status: item.status, reason: item.reason, at: item.at, fatal: item.fatal };
    return { ...item, headers: [...item.headers.entries()], body: item.body.toString('latin1') };
  });
}

function frame(chunks: readonly Buffer[]): unknown[] {
  const framer = new StreamFramer();
  return outcome(chunks.flatMap((chunk) => framer.push(chunk)));
}

describe('StreamFramer', () => {
  it('several messages in one read, one over several reads', () => {
    const bytes = message('Content-Length: 5', 'hello');
    const framer = new StreamFramer();
    expect(outcome(framer.push(Buffer.concat([bytes, bytes, bytes.subarray(0, 30)])))).toHaveLength(2);
    expect(framer.buffered).toBe(30);
    const [last] = framer.push(bytes.subarray(30));
    expect(last).toMatchObject({ method: 'MESSAGE', body: Buffer.from('hello') });
    expect(framer.buffered).toBe(0);
  });

  it('a double CRLF is a keep-alive, a single one is nothing', () => {
    const bytes = message('Content-Length: 0');
    const crlf = Buffer.from('\r\n');
    const items = frame([Buffer.concat([crlf, crlf, bytes, crlf, bytes, crlf, crlf, crlf, crlf])]);
    expect(items.map((item) => (typeof item === 'string' ? item : 'message'))).toEqual([
      'keepalive',
      'message',
      'message',
      'keepalive',
      'keepalive',
    ]);
  });

  it('an invalid message of known length costs only itself', () => {
    const items = frame([Buffer.concat([INVALID['quotbal']!.bytes, message('l: 0')])]);
    expect(items).toMatchObject([{ status: 400, fatal: false }, { method: 'MESSAGE' }]);
  });

  it.each([
    ['missing', 'X: y', 400],
    ['negative', 'Content-Length: -1', 400],
    ['not a number', 'Content-Length: 1x', 400],
    ['double and different', 'Content-Length: 1\nl: 2', 400],
    ['huge', 'Content-Length: 99999999999999999999999999', 513],
    ['over the limit', 'Content-Length: 2097153', 513],
  ])('a Content-Length that is %s closes the stream, after an answer', (_name, header, status) => {
    const framer = new StreamFramer();
    const items = framer.push(Buffer.concat([message(header, 'ab'), message('l: 0')]));
    expect(outcome(items)).toMatchObject([{ status, fatal: true }]);
    const [error] = items;
    if (!(error instanceof SipParseError)) throw new Error('an error');
    expect(error.answerable?.headers.get('Call-ID')).toBe('framer');
    expect(framer.push(message('l: 0'))).toEqual([]);
    expect(framer.buffered).toBe(0);
  });

  it('a Content-Length given twice alike is taken', () => {
    expect(frame([message('Content-Length: 2\nl: 2', 'ab')])).toMatchObject([{ method: 'MESSAGE' }]);
  });

  it.each(['v=0\r\n', '<xml/>', 'GET / HTTP/1.1\r\n', 'plain words\n', 'SIP/2.0 OK\r\n'])(
    'a body longer than its Content-Length is seen by what is left of it: %j',
    (rest) => {
      const items = frame([message('Content-Length: 2', `ab${rest}`)]);
      expect(items).toMatchObject([{ method: 'MESSAGE' }, { status: 400, at: 'start line', fatal: true }]);
    },
  );

  it('headers without end are cut off at 64 kB, with an answer', () => {
    const framer = new StreamFramer();
    const endless = Buffer.concat([message('l: 0').subarray(0, -2), Buffer.alloc(65_536, 'X: y\r\n')]);
    const [error] = framer.push(endless);
    if (!(error instanceof SipParseError)) throw new Error('an error');
    expect(error).toMatchObject({ status: 513, fatal: true });
    expect(error.answerable?.method).toBe('MESSAGE');
  });

  it('what is not SIP is known by its first byte', () => {
    expect(frame([Buffer.from([0x16, 3, 1])])).toMatchObject([{ status: 400, fatal: true }]);
  });

  it('a body does not change when the caller reuses its chunk', () => {
    const framer = new StreamFramer();
    const bytes = message('Content-Length: 5', 'hello');
    const chunk = Buffer.from(bytes.subarray(0, -2));
    framer.push(chunk);
    chunk.fill(0);
    const tail = Buffer.from('lo');
    const [item] = framer.push(tail);
    tail.fill(0);
    expect(item).toMatchObject({ body: Buffer.from('hello') });
    const [whole] = framer.push(bytes);
    bytes.fill(0);
    expect(whole).toMatchObject({ body: Buffer.from('hello') });
  });
});

function errorOf(bytes: Buffer): unknown {
  try {
    parseMessage(bytes);
    return undefined;
  } catch (error) {
    return error;
  }
}

describe('every split of a stream', () => {
  const named = [...Object.values({ ...VALID, ...APPLICATION }), ...Object.values(INVALID).map(({ bytes }) => bytes)];
  const crlf = Buffer.from('\r\n\r\n');

  // Each place of the long ones too in `npm run attack`.
  it('in two', { timeout: 120_000 }, () => {
    for (const bytes of named) {
      const stream = Buffer.concat([crlf, bytes, crlf, message('l: 3', 'end')]);
      const whole = JSON.stringify(frame([stream]));
      const step = stream.length > 2000 && process.env['EARSHOT_ATTACK'] !== 'long' ? 5 : 1;
      for (let at = 0; at <= stream.length; at += step) {
        expect(JSON.stringify(frame([stream.subarray(0, at), stream.subarray(at)]))).toBe(whole);
      }
    }
  });

  it('byte by byte', () => {
    for (const bytes of named) {
      const stream = Buffer.concat([bytes, crlf, bytes]);
      expect(frame(Array.from({ length: stream.length }, (_, at) => stream.subarray(at, at + 1)))).toEqual(
        frame([stream]),
      );
    }
  });

  it('every prefix of a datagram is a message or a SipParseError', { timeout: 120_000 }, () => {
    for (const bytes of named) {
      for (let end = 0; end < bytes.length; end++) {
        expect(errorOf(bytes.subarray(0, end)) ?? new SipParseError(0, '', { at: '' })).toBeInstanceOf(SipParseError);
      }
    }
  });
});
