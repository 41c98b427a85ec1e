import { describe, expect, it } from 'vitest';
import { DEFAULT_TRUNK } from '../../base/trunks.ts';
import type { SipRequest } from '../../sip/message.ts';
import { SipParseError } from '../../sip/parse-error.ts';
import { parseMessage } from '../../sip/parse.ts';
import { fixtureNames, readFixture } from './fixtures.ts';
import { parseMetadata } from './metadata/parse.ts';
import { openSession } from './session/open.ts';
import type { Opening, Refusal, SessionState } from './session/types.ts';
import { takeAnswer, updateSession } from './session/update.ts';

/** Mutants of each fixture; raise it for a long run: `EARSHOT_FUZZ=20000`. */
const ROUNDS = Number(process.env['EARSHOT_FUZZ'] ?? 40);

/** mulberry32: small, seeded, so that a find can be repeated. */
function seeded(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

const PIECES = [
  '<',
  '>',
  '</',
  '"',
  "'",
  '&',
  '&#0;',
  '&#x1F600;',
  '<![CDATA[',
  ']]>',
  '<!--',
  '<!DOCTYPE x [',
  '\0',
  '\r\n',
  '--',
  '=',
  ':',
  ';',
  '\ufeff',
  '../../',
  '<b>',
  '\u202e',
  '4294967296',
  '-1',
  '\xff',
];

function mutate(bytes: Buffer, random: (below: number) => number): Buffer {
  let out: Buffer = Buffer.from(bytes);
  for (let count = 1 + random(6); count > 0; count -= 1) {
    const at = random(out.length + 1);
    const to = Math.min(out.length, at + random(random(10) === 0 ? 400 : 12));
    const piece = Buffer.from(PIECES[random(PIECES.length)]!);
    const kind = random(6);
    if (kind === 0) out = Buffer.concat([out.subarray(0, at), out.subarray(to)]);
    else if (kind === 1) out = Buffer.concat([out.subarray(0, at), piece, out.subarray(at)]);
    else if (kind === 2) out = Buffer.concat([out.subarray(0, at), piece, out.subarray(to)]);
    else if (kind === 3) out = Buffer.concat([out.subarray(0, to), out.subarray(at, to), out.subarray(to)]);
    else if (kind === 4 && at < out.length) out[at] = random(256);
    else if (kind === 5 && at < out.length) out[at] = out[at]! ^ (1 << random(8));
  }
  return out;
}

function asRequest(bytes: Buffer): SipRequest | undefined {
  try {
    const message = parseMessage(bytes);
    return message.kind === 'request' ? message : undefined;
  } catch (error) {
    if (error instanceof SipParseError) return undefined;
    throw error;
  }
}

/** What does not hold of a result though it must, whatever went in; empty = clean. */
function faultsOf(result: Opening | Refusal): string[] {
  if (result.kind === 'opened') return stateFaults(result.state);
  return [
    ...([400, 415, 421, 488].includes(result.status) ? [] : [`status ${result.status}`]),
    ...(/\\[rn]/.test(JSON.stringify(result)) ? ['line break in a refusal'] : []),
  ];
}

function stateFaults({ facts }: SessionState): string[] {
  const { parties } = facts.call;
  const ids = new Set(parties.map((one) => one.id));
  const shown = JSON.stringify([facts.call, facts.warnings, facts.joinKeys, facts.streams.map((one) => one.label)]);
  const texts = parties.flatMap((one) => [one.id, one.name ?? '', one.number ?? '', one.aor ?? '']);
  const broken: Record<string, boolean> = {
    'two parties with one id': ids.size < parties.length,
    'a speaker who is no party': facts.streams.some((one) => one.speakers.some((id) => !ids.has(id))),
    'two streams with one index': new Set(facts.streams.map((one) => one.index)).size < facts.streams.length,
    // JSON escapes control characters, so this finds every one of them.
    'control characters': /\\u00[01]|\\[rntbf]|[\u007f-\u009f\u202a-\u202e\u2066-\u2069]/.test(shown),
    'too much': shown.length > 200_000 || texts.some((text) => text.length > 256),
  };
  return Object.keys(broken).filter((name) => broken[name]);
}

describe('a session from broken input', () => {
  it.each(fixtureNames())('%s: mutants of every message end in facts or a clean refusal', (client) => {
    const messages = readFixture(client);
    const first = asRequest(messages[0]!.bytes)!;
    const base = openSession(first, DEFAULT_TRUNK);
    if (base.kind !== 'opened') throw new Error('the fixture itself is refused');
    const random = seeded(0x5eed);
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const message of messages) {
        const request = asRequest(mutate(message.bytes, random)) ?? { ...first, body: mutate(first.body, random) };
        const faults = faultsOf(openSession(request, DEFAULT_TRUNK));
        for (const next of [updateSession(base.state, request), takeAnswer(base.state, request)]) {
          if (next.kind === 'updated') faults.push(...stateFaults(next.state));
        }
        expect(faults, `round ${round}: ${request.body.toString('latin1')}`).toEqual([]);
      }
    }
  });

  it.each(fixtureNames())('%s: every prefix of its body ends in facts or a clean refusal', (client) => {
    const request = asRequest(readFixture(client)[0]!.bytes)!;
    const { body } = request;
    const audioAt = body.indexOf('m=audio') + 'm=audio 65535 RTP/AVP 0'.length;
    const bad: string[] = [];
    for (let length = 0; length <= body.length; length += 1) {
      const result = openSession({ ...request, body: body.subarray(0, length) }, DEFAULT_TRUNK);
      bad.push(...faultsOf(result).map((fault) => `${length}: ${fault}`));
      // A body that was cut short does not cost the call once an m-line is there.
      if (length > audioAt && result.kind !== 'opened') bad.push(`${length}: ${result.status} ${result.reason}`);
    }
    expect(bad).toEqual([]);
  });

  it.each(fixtureNames())('%s: mutants of its metadata are read or explained', (client) => {
    const random = seeded(7);
    for (const { metadata } of readFixture(client)) {
      if (metadata === null) continue;
      for (let round = 0; round < ROUNDS; round += 1) {
        const reading = parseMetadata(mutate(metadata, random));
        expect(reading.metadata !== undefined || (reading.fault ?? '') !== '').toBe(true);
      }
    }
  });

  it('hostile texts are carried as text, bounded, in every field', () => {
    const evil = `&lt;script&gt;alert(1)&lt;/script&gt;../../etc/passwd&#x1b;[31m\u202e${'N'.repeat(100_000)}`;
    const [first] = readFixture('rfc-plain');
    const request = asRequest(first!.bytes)!;
    const body = Buffer.from(
      request.body
        .toString('utf8')
        .replaceAll(/>(Alice|Bob)</g, `>${evil}<`)
        .replaceAll('sip:bob@', `sip:${evil}@`),
    );
    const result = openSession({ ...request, body }, DEFAULT_TRUNK);
    expect(faultsOf(result)).toEqual([]);
    if (result.kind !== 'opened') throw new Error('refused');
    expect(result.facts.call.parties[0]!.name).toMatch(/^<script>alert\(1\)<\/script>\.\.\/\.\.\/etc\/passwd \[31mN+$/);
  });
});
