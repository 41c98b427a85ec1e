import { describe, expect, it } from 'vitest';
import { type NameAddr, parseNameAddr } from './name-addr.ts';
import { parseMultipart } from './multipart.ts';
import type { SipMessage } from './message.ts';
import { parseMessage, SipParseError } from './parse.ts';
import { parseCSeq } from './fields.ts';
import { APPLICATION } from './rfc4475-application.fixture.ts';
import { INVALID } from './rfc4475-invalid.fixture.ts';
import { VALID } from './rfc4475-valid.fixture.ts';
import { serialize } from './serialize.ts';
import { parseUri } from './uri.ts';
import { parseVia } from './via.ts';

function parse(name: string): SipMessage {
  return parseMessage(VALID[name]!);
}

/** What the parser throws for these bytes, null when it takes them. */
function errorOf(bytes: Buffer): SipParseError | null {
  try {
    parseMessage(bytes);
    return null;
  } catch (error) {
    if (error instanceof SipParseError) return error;
    throw error;
  }
}

describe('valid messages of RFC 4475', () => {
  it.each(Object.keys(VALID))('%s is taken, and the same again when it is written and read back', (name) => {
    const message = parse(name);
    const again = parseMessage(serialize(message));
    const plain = (one: SipMessage): unknown[] =>
      [...one.headers.entries()].filter(([header]) => header.toLowerCase() !== 'content-length');
    expect(plain(again)).toEqual(plain(message));
    expect({ ...again, headers: null }).toEqual({ ...message, headers: null });
  });

  it('wsinv: folds, compact forms, blanks around every separator', () => {
    const { headers, body } = parse('wsinv');
    expect(parseNameAddr(headers.get('To')!)).toEqual({
      uri: 'sip:vivekg@chair-dnrc.example.com',
      params: new Map([['tag', '1918181833n']]),
    });
    expect(parseNameAddr(headers.get('From')!)).toEqual({
      display: String.raw`J Rosenberg \"`,
      uri: 'sip:jdrosen@example.com',
      params: new Map([['tag', '98asjd8']]),
    });
    expect(parseCSeq(headers.get('cseq')!)).toEqual({ number: 9, method: 'INVITE' });
    const vias = headers.all('Via').map(parseVia);
    expect(vias.map(({ transport, host, branch }) => [transport, host, branch])).toEqual([
      ['UDP', '192.0.2.2', '390skdjuw'],
      ['TCP', 'spindle.example.com', 'z9hG4bK9ikj8'],
      ['UDP', '192.168.255.111', 'z9hG4bK30239'],
    ]);
    expect(headers.get('NewFangledHeader')).toBe('newfangled value continued newfangled value');
    expect(headers.get('Subject')).toBe('');
    expect(parseNameAddr(headers.get('Contact')!)).toEqual({
      display: 'Quoted string ""',
      uri: 'sip:jdrosen@example.com',
      params: new Map([
        ['newparam', 'newvalue'],
        ['secondparam', null],
        ['q', '0.33'],
      ]),
    });
    expect(body.length).toBe(Number(headers.get('Content-Length')));
  });

  it('intmeth: unusual tokens, control characters in quotes, UTF-8', () => {
    const message = parse('intmeth');
    expect(message).toMatchObject({ kind: 'request', method: "!interesting-Method0123456789_*+`.%indeed'~" });
    const to = parseNameAddr(message.headers.get('To')!);
    expect(to.display).toBe('BEL:\x07 NUL:\0 DEL:\x7f');
    expect(parseUri(to.uri)).toMatchObject({
      user: "1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*",
      host: 'example.com',
    });
    const from = parseNameAddr(message.headers.get('From')!);
    expect(from.display).toBe("token1~` token2'+_ token3*%!.-");
    expect(from.params.get("fromparam''~+*_!.-%")).toBe('\u{440}\u{430}\u{431}\u{43e}\u{442}\u{430}');
    expect(message.headers.get("extensionHeader-!.%*+_`'~")).toBe('\u{feff}\u{5927}\u{505c}\u{96fb}');
  });

  it('esc01, escnull, esc02: escapes are decoded in URIs and nowhere else', () => {
    const { headers } = parse('esc01');
    expect(parseUri(headers.get('To')!).user).toBe('user');
    const contact = parseUri(parseNameAddr(headers.get('Contact')!).uri);
    expect(contact).toMatchObject({ user: 'caller', host: 'host5.example.net' });
    expect([...contact.params]).toEqual([
      ['lr', null],
      ['name', 'value%41'],
    ]);
    expect(parse('escnull').headers.all('Contact')).toHaveLength(2);
    const escaped = parse('esc02');
    expect(escaped).toMatchObject({ method: 'RE%47IST%45R' });
    expect(escaped.headers.all('Contact')).toHaveLength(2);
    expect(parseNameAddr(escaped.headers.get('To')!).display).toBe('%Z%45');
  });

  it('dblreq: what follows the first message in its datagram is dropped', () => {
    const message = parse('dblreq');
    expect(message).toMatchObject({ method: 'REGISTER' });
    expect(message.body).toHaveLength(0);
  });

  it('semiuri: the semicolon belongs to the user', () => {
    const message = parse('semiuri');
    if (message.kind !== 'request') throw new Error('a request');
    const uri = parseUri(message.uri);
    expect(uri).toMatchObject({ user: 'user;par=u@example.net', host: 'example.com' });
    expect(uri.params.size).toBe(0);
    expect(message.headers.all('Accept')).toHaveLength(6);
  });

  it('mpart01: the binary part is exact', () => {
    const message = parse('mpart01');
    const parts = parseMultipart(message.headers.get('Content-Type'), message.body);
    expect(parts.map((part) => part.contentType)).toEqual(['text/plain', 'application/octet-stream']);
    expect(parts[0]!.body.toString()).toBe('Hello');
    expect([...parts[1]!.body]).toEqual(Array.from({ length: 256 }, (_, index) => index));
  });

  it('unreason, noreason: any reason phrase', () => {
    expect(parse('unreason')).toMatchObject({ kind: 'response', status: 200 });
    expect(parse('noreason')).toMatchObject({ kind: 'response', status: 100, reason: '' });
  });

  it('unkscm, novelsc: an unknown scheme is read, for the caller to answer 416', () => {
    for (const name of ['unkscm', 'novelsc']) {
      const message = parse(name);
      if (message.kind !== 'request') throw new Error('a request');
      expect(parseUri(message.uri).opaque).not.toBeNull();
    }
  });
});

describe('messages of RFC 4475 for the layers above', () => {
  it.each(Object.entries(APPLICATION))('%s is taken', (_name, bytes) => expect(errorOf(bytes)).toBeNull());

  it('regescrt, cparam01, cparam02: what belongs to the URI and what to the header', () => {
    const contact = (name: string): NameAddr => parseNameAddr(parseMessage(APPLICATION[name]!).headers.get('Contact')!);
    expect(parseUri(contact('regescrt').uri).headers.get('route')).toBe('<sip:sip.example.com>');
    expect(contact('cparam01').params.has('unknownparam')).toBe(true);
    expect(parseUri(contact('cparam02').uri).params.has('unknownparam')).toBe(true);
  });
});

describe('invalid messages of RFC 4475', () => {
  it.each(Object.entries(INVALID))('%s', (_name, { bytes, status, answerable }) => {
    const error = errorOf(bytes);
    expect(error?.status ?? null).toBe(status);
    if (error !== null) expect(error.answerable !== null).toBe(answerable);
  });

  it('an error carries what an answer copies', () => {
    const request = errorOf(INVALID['quotbal']!.bytes)!.answerable!;
    expect(request.method).toBe('INVITE');
    expect(request.headers.get('Call-ID')).toBe('torture.0ha0isndaksdjasdf3234nas');
    expect(request.headers.get('To')).toBe('"Mr. J. User <sip:j.user@example.com>');
  });

  it('liberal readings give the plain value', () => {
    const aspec = parseMessage(INVALID['badaspec']!.bytes);
    expect(parseNameAddr(aspec.headers.get('To')!)).toEqual({
      display: 'Watson, Thomas',
      uri: 'sip:t.watson@example.org',
      params: new Map(),
    });
    expect(parseMessage(INVALID['lwsstart']!.bytes)).toMatchObject({ uri: 'sip:user@example.com' });
    const bell = parseMessage(INVALID['baddn']!.bytes);
    expect(parseNameAddr(bell.headers.get('From')!).display).toBe('Bell, Alexander');
  });
});
