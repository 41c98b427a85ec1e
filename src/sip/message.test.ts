import { describe, expect, it } from 'vitest';
import { ownBytes } from './message.ts';
import { parseMessage } from './parse.ts';

const HEAD = [
  'MESSAGE sip:a@b SIP/2.0',
  'Via: SIP/2.0/UDP c;branch=z9hG4bK1',
  'Max-Forwards: 70',
  'From: <sip:c@d>;tag=1',
  'To: <sip:a@b>',
  'Call-ID: e',
  'CSeq: 1 MESSAGE',
];

describe('the body of a message', () => {
  it('has memory of its own: a transaction keeps its messages for half a minute', () => {
    const datagram = Buffer.alloc(60_000);
    const length = datagram.write([...HEAD, 'Content-Length: 5', '', 'hello'].join('\r\n'));
    const { body } = parseMessage(datagram.subarray(0, length));
    expect(body.toString()).toBe('hello');
    expect(body.buffer.byteLength).toBe(5);
  });

  it('is copied as bytes, or written as UTF-8', () => {
    const bytes = Buffer.from([0, 255, 10]);
    const copy = ownBytes(bytes);
    bytes[0] = 1;
    expect([...copy]).toEqual([0, 255, 10]);
    expect(ownBytes('Zoë').toString()).toBe('Zoë');
    expect(ownBytes('Zoë').buffer.byteLength).toBe(4);
  });
});
