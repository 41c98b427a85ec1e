import { describe, expect, it } from 'vitest';
import type { TraceEntry } from '../../../sip/agent/api.ts';
import { TraceBook, type TraceLine } from './trace-book.ts';

function entry(callId: string, text: string, direction: 'in' | 'out' = 'in'): TraceEntry {
  return { direction, protocol: 'udp', address: '192.0.2.1', port: 5060, bytes: Buffer.from(text), at: 1, callId };
}

function book() {
  const kept: string[] = [];
  const traces = new TraceBook((sessionId, bytes) => {
    const line = JSON.parse(Buffer.from(bytes).toString()) as TraceLine;
    kept.push(`${sessionId} ${line.direction} ${line.text.slice(0, 11)}`);
  });
  return { traces, kept };
}

describe('the trace of a session', () => {
  it('holds what came before it was known, challenge and second attempt included, and what comes after', () => {
    const { traces, kept } = book();
    traces.take(entry('a', 'INVITE sip:1'));
    traces.take(entry('a', 'SIP/2.0 401 Unauthorized', 'out'));
    traces.take(entry('a', 'ACK sip:1234'));
    traces.take(entry('a', 'INVITE sip:2'));
    traces.open('a', 'session');
    traces.take(entry('a', 'SIP/2.0 200 OK', 'out'));
    expect(kept).toEqual([
      'session in INVITE sip:',
      'session out SIP/2.0 401',
      'session in ACK sip:123',
      'session in INVITE sip:',
      'session out SIP/2.0 200',
    ]);
  });

  it('is not held for what can become no session, nor pushed out by floods of it', () => {
    const { traces, kept } = book();
    traces.take(entry('a', 'INVITE sip:1'));
    for (let n = 0; n < 5000; n++) {
      traces.take(entry(`flood-${n}`, 'OPTIONS sip:'));
      traces.take(entry(`flood-${n}`, 'SIP/2.0 200 OK', 'out'));
      traces.take(entry(`refused-${n}`, 'INVITE sip:1'));
      traces.take(entry(`refused-${n}`, 'SIP/2.0 503 Overload', 'out'));
    }
    traces.open('a', 'session');
    traces.open('flood-4999', 'none');
    traces.open('refused-4999', 'none');
    expect(kept).toEqual(['session in INVITE sip:']);
  });

  it('gives way, the oldest first, when large INVITEs wait', () => {
    const { traces, kept } = book();
    const large = `INVITE sip:${'x'.repeat(2_000_000)}`;
    for (let n = 0; n < 20; n++) traces.take(entry(`large-${n}`, large));
    traces.open('large-0', 'oldest');
    traces.open('large-19', 'latest');
    expect(kept).toEqual(['latest in INVITE sip:']);
  });
});
