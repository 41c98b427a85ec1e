import { describe, expect, it } from 'vitest';
import { maskTrace } from './trace.ts';

const mask = (text: string): string => maskTrace(Buffer.from(text, 'latin1')).toString('latin1');

describe('maskTrace', () => {
  it('hides digest answers in any case, folded lines included, and keeps the length', () => {
    const text =
      'INVITE sip:x SIP/2.0\r\nAuthorization: Digest username="bob",\r\n response="abc"\r\nproxy-authorization:y\r\nTo: z\r\n\r\n';
    const masked = mask(text);
    expect(masked).not.toMatch(/bob|abc|:y/);
    expect(masked).toContain('\r\nTo: z\r\n');
    expect(masked).toHaveLength(text.length);
  });

  it('leaves challenges, which are no secret', () => {
    const text = 'WWW-Authenticate: Digest realm="r", nonce="n"\r\n';
    expect(mask(text)).toBe(text);
  });

  it('hides SRTP keys and keeps the suite', () => {
    const masked = mask(
      'a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz|2^20|1:32\r\nk=base64:abcd\r\na=key-mgmt:mikey AQAFgM\r\n',
    );
    expect(masked).toContain('a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:****');
    expect(masked).toContain('|2^20|1:32');
    expect(masked).not.toMatch(/WVNf|abcd|AQAFgM/);
  });

  it('hides several keys of one line', () => {
    expect(mask('a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:abc|1:1;inline:def|2:1\r\n')).not.toMatch(/abc|def/);
  });

  it('hides digits of application/dtmf-relay, spaces allowed, and of application/dtmf', () => {
    expect(mask('Content-Type: application/dtmf-relay\r\n\r\nSignal = 5\r\nDuration=160\r\n')).toBe(
      'Content-Type: application/dtmf-relay\r\n\r\nSignal = *\r\nDuration=160\r\n',
    );
    expect(mask('INFO sip:9@x SIP/2.0\r\nc: application/dtmf\r\nTo: <sip:12@x>\r\n\r\n7')).toBe(
      'INFO sip:9@x SIP/2.0\r\nc: application/dtmf\r\nTo: <sip:12@x>\r\n\r\n*',
    );
  });

  it.each([
    ['Content-Type: application/dtmf-relay', 'Signal= #\r\nDuration= 160\r\n', 'Signal= *\r\nDuration= 160\r\n'],
    ['Content-Type: application/x-dtmf-relay;charset=utf-8', 'signal:7', 'signal:*'],
    ['Content-Type: application/X-DTMF', '12 34\r\n', '*****\r\n'],
    ['c: application/vnd.nortelnetworks.digits', 'p=Digit-Collection\r\nd=9\r\n', 'p=****************\r\nd=*\r\n'],
    ['Content-Type: audio/telephone-event', '\n\x80\x03\x20', '****'],
    ['Content-Type: audio/x-telephone-event', '5', '*'],
  ])('hides digits under %s', (type, body, masked) => {
    const head = `INFO sip:9@x SIP/2.0\r\n${type}\r\nCSeq: 5 INFO\r\n\r\n`;
    expect(mask(head + body)).toBe(head + masked);
  });

  it('hides digits in a part of several, and those of KPML', () => {
    const parts =
      'Content-Type: multipart/mixed;boundary=x\r\n\r\n--x\r\nContent-Type: application/dtmf\r\n\r\n8\r\n--x--';
    expect(mask(parts)).not.toMatch(/8/);
    expect(mask('<kpml-response version="1.0" code="200" digits="4711" tag="x"/>')).toBe(
      '<kpml-response version="1.0" code="200" digits="****" tag="x"/>',
    );
  });

  it('hides passwords in URIs and leaves ports and times alone', () => {
    expect(mask('Contact: <sip:bob:secret@10.0.0.1:5060;x=1:2>\r\nDate: 10:20:30\r\n')).toBe(
      'Contact: <sip:bob:******@10.0.0.1:5060;x=1:2>\r\nDate: 10:20:30\r\n',
    );
  });

  it('takes any bytes and changes none of those it does not hide', () => {
    const bytes = Buffer.from(Array.from({ length: 512 }, (_, index) => (index * 7) & 0xff));
    expect(maskTrace(bytes)).toEqual(bytes);
    expect(maskTrace(Buffer.alloc(0))).toHaveLength(0);
  });

  it('stays quick on hostile input', () => {
    const started = performance.now();
    for (const text of [
      'sip:'.repeat(20_000),
      'Authorization:\r\n '.repeat(5000),
      'sip:a:'.repeat(10_000),
      'inline:'.repeat(10_000),
      `sip:${'a'.repeat(60_000)}`,
    ])
      mask(text);
    expect(performance.now() - started).toBeLessThan(1000);
  });
});
