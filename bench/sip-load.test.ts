import { spawnSync } from 'node:child_process';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Callers, writeTimetable, type Answer, type CallersResult } from './callers.ts';
import { compileProgram } from './native.ts';

const hasCompiler = spawnSync('cc', ['--version'], { stdio: 'ignore' }).status === 0;

/** What becomes of the calls, by their number. */
const [PLAIN, REFUSED, LOST, TWICE, FORGOTTEN] = [0, 1, 2, 3, 4] as const;
const STARTS = [0, 0.01, 0.02, 0.03, 0.04];
/** The second stream is refused. */
const SDP = 'v=0\r\nm=audio 41000 RTP/AVP 0\r\nm=audio 0 RTP/AVP 0\r\nm=audio 41002 RTP/AVP 0\r\n';
const GARBAGE = [
  '',
  '\r\n\r\n',
  'SIP/2.0 200 OK',
  'SIP/2.0 200 OK\r\nCall-ID: ffffffff\r\nTo: x\r\nCSeq: 1 INVITE\r\n\r\n',
  '\0\u0001\xFF',
];

interface Request {
  readonly call: number;
  readonly method: string;
  readonly uri: string;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

function parse(bytes: Buffer): Request {
  const [head = '', body = ''] = bytes.toString().split(/\r\n\r\n([^]*)/);
  const [start = '', ...lines] = head.split('\r\n');
  const headers = new Map(lines.map((line) => line.split(/: (.*)/).slice(0, 2) as [string, string]));
  const [method = '', uri = ''] = start.split(' ');
  return { call: Number.parseInt(headers.get('Call-ID')!.slice(0, 8), 16), method, uri, headers, body };
}

/** A server that does with each call what its number says. */
class Peer {
  readonly requests: Request[] = [];
  readonly #socket: Socket = createSocket('udp4');

  async open(): Promise<number> {
    this.#socket.on('message', (bytes, { port }) => {
      const request = parse(bytes);
      this.requests.push(request);
      for (const text of this.#answers(request)) this.#socket.send(text, port, '127.0.0.1');
    });
    this.#socket.bind(0, '127.0.0.1');
    await once(this.#socket, 'listening');
    return this.#socket.address().port;
  }

  close(): void {
    this.#socket.close();
  }

  of(call: number, method: string): Request[] {
    return this.requests.filter((request) => request.call === call && request.method === method);
  }

  #answers(request: Request): string[] {
    const { call, method } = request;
    const isFirst = this.of(call, method).length === 1;
    if (method === 'BYE') return call === LOST && isFirst ? [] : [answer(request, '200 OK')];
    if (method !== 'INVITE' || (call === LOST && isFirst)) return [];
    const trying = answer(request, '100 Trying');
    const ok = answer(request, '200 OK', SDP);
    if (call === PLAIN) return [...GARBAGE, trying, ok];
    if (call === REFUSED) return [trying, answer(request, '503 Full'), answer(request, '503 Full')];
    if (call === TWICE) return [ok, ok, ok];
    return [trying, ok];
  }
}

function answer({ headers, call }: Request, status: string, sdp = ''): string {
  const to = headers.get('To')!;
  const lines = ['Via', 'From', 'Call-ID', 'CSeq'].map((name) => `${name}: ${headers.get(name)}`);
  lines.push(
    `To: ${to.includes('tag=') ? to : `${to};tag=t${call}`}`,
    `m: "R" <sip:rec@127.0.0.1:9;x=${call}>;expires=1`,
  );
  return [`SIP/2.0 ${status}`, ...lines, `Content-Length: ${sdp.length}`, '', sdp].join('\r\n');
}

describe.skipIf(!hasCompiler)('sip-load', () => {
  const folder = mkdtempSync(join(tmpdir(), 'earshot-sip-load-'));
  const peer = new Peer();
  const timetable = join(folder, 'timetable');
  let answers: Answer[];
  let ends: number[];
  let result: CallersResult;

  beforeAll(async () => {
    const program = compileProgram(folder, 'sip-load');
    await writeTimetable(timetable, STARTS);
    const callers = new Callers(program, await peer.open(), timetable, STARTS.length);
    answers = await Promise.all(STARTS.map((_, call) => callers.answer(call)));
    ends = await Promise.all([PLAIN, LOST, TWICE].map((call) => callers.bye(call)));
    result = await callers.finish();
  });

  afterAll(() => {
    peer.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const branchOf = ({ headers }: Request): string => /branch=(z9hG4bK[^;]+);rport$/.exec(headers.get('Via')!)![1]!;

  it('sends an INVITE as a recording client does, with the body of the timetable', () => {
    const [invite] = peer.of(PLAIN, 'INVITE');
    expect(invite!.uri).toMatch(/^sip:recorder@127\.0\.0\.1:\d+$/);
    expect(Object.fromEntries(invite!.headers)).toMatchObject({
      'Max-Forwards': '70',
      From: expect.stringMatching(/^"Bench" <sip:src@127\.0\.0\.1>;tag=\w+$/) as string,
      To: `<${invite!.uri}>`,
      CSeq: '1 INVITE',
      Contact: expect.stringMatching(/^<sip:earshot@127\.0\.0\.1:\d+>;\+sip\.src$/) as string,
      Require: 'siprec',
      Supported: 'timer',
      'Content-Type': 'multipart/mixed;boundary=earshot-test-call',
      'Content-Length': String(invite!.body.length),
    });
    expect(invite!.body).toContain('sip:+15550000000@example.com');
    expect(invite!.body).toMatch(/--earshot-test-call--\r\n$/);
  });

  it('tells status, time and the ports that take media', () => {
    expect(answers.map(({ status }) => status)).toEqual([200, 503, 200, 200, 200]);
    expect(answers[PLAIN]!.ports).toEqual([41_000, 41_002]);
    expect(answers[REFUSED]!.ports).toEqual([]);
    expect(answers[PLAIN]!.ms).toBeGreaterThan(0);
    expect(answers[PLAIN]!.ms).toBeLessThan(answers[LOST]!.ms);
  });

  it('acknowledges a 2xx at its Contact in a transaction of its own, each time that it comes', () => {
    const [invite] = peer.of(TWICE, 'INVITE');
    const acks = peer.of(TWICE, 'ACK');
    expect(acks).toHaveLength(3);
    for (const ack of acks) {
      expect(ack.uri).toBe(`sip:rec@127.0.0.1:9;x=${TWICE}`);
      expect(ack.headers.get('To')).toBe(`${invite!.headers.get('To')};tag=t${TWICE}`);
      expect(ack.headers.get('From')).toBe(invite!.headers.get('From'));
      expect(ack.headers.get('CSeq')).toBe('1 ACK');
      expect(branchOf(ack)).not.toBe(branchOf(invite!));
    }
  });

  it('acknowledges a refusal within the INVITE’s transaction, and does not come again', () => {
    const invites = peer.of(REFUSED, 'INVITE');
    const acks = peer.of(REFUSED, 'ACK');
    expect([invites.length, acks.length]).toEqual([1, 2]);
    expect(acks[0]!.uri).toBe(invites[0]!.uri);
    expect(branchOf(acks[0]!)).toBe(branchOf(invites[0]!));
    expect(acks[0]!.headers.get('To')).toContain(`;tag=t${REFUSED}`);
    expect(peer.of(REFUSED, 'BYE')).toEqual([]);
  });

  it('sends INVITE and BYE again when they are lost, and counts the time from the first', () => {
    for (const method of ['INVITE', 'BYE']) {
      const [first, second, ...others] = peer.of(LOST, method);
      expect(second).toEqual(first);
      expect(others).toEqual([]);
    }
    expect(answers[LOST]!.ms).toBeGreaterThanOrEqual(500);
    expect(result.repeated).toBe(2);
  });

  it('ends a call by BYE at the Contact, and at its own end those that still run', () => {
    expect(ends).toEqual([200, 200, 200]);
    for (const call of [PLAIN, FORGOTTEN]) {
      const [bye, ...others] = peer.of(call, 'BYE');
      expect(others).toEqual([]);
      expect(bye!.uri).toBe(`sip:rec@127.0.0.1:9;x=${call}`);
      expect(bye!.headers.get('CSeq')).toBe('2 BYE');
      expect(bye!.headers.get('To')).toBe(peer.of(call, 'ACK')[0]!.headers.get('To'));
    }
  });

  it('counts what it cannot use, and its own work', () => {
    expect(result).toMatchObject({ placed: 5, ignored: GARBAGE.length, errors: 0 });
    expect(result.cpuSeconds).toBeGreaterThan(0);
    expect(result.cpuSeconds).toBeLessThan(0.3);
  });
});
