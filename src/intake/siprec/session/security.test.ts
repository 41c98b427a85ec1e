import { describe, expect, it } from 'vitest';
import { DEFAULT_TRUNK } from '../../../base/trunks.ts';
import { unpackKeys } from '../../../rtp/srtp/keys.ts';
import { mediaOf } from '../../../sdp/media.ts';
import { parseSdp } from '../../../sdp/parse.ts';
import { Headers } from '../../../sip/headers.ts';
import type { SipRequest } from '../../../sip/message.ts';
import type { KeyKeeper } from '../../types.ts';
import { describe as describeSession, withOfferedStreams } from '../server/answer.ts';
import { openSession } from './open.ts';
import type { AnswerPlan, Opening, SessionState, Update } from './types.ts';
import { takeAnswer, updateSession } from './update.ts';

/** Bytes of these keys are never in the text that the keeper makes of them. */
const keeper: KeyKeeper = {
  seal: (keys) => Buffer.from(keys.map((byte) => byte ^ 0xff)).toString('hex'),
  open: (sealed) => Buffer.from(Buffer.from(sealed, 'hex').map((byte) => byte ^ 0xff)),
  ownKey: (context, bytes) => Buffer.alloc(bytes, context),
};
const opened = (sealed: string) => unpackKeys(keeper.open(sealed));

const KEY = Buffer.from('a key of sixteen and its salt!');
const OTHER = Buffer.from('another key after some while..');
const inline = (key: Buffer): string => `inline:${key.toString('base64')}`;
const CRYPTO = `a=crypto:7 AES_CM_128_HMAC_SHA1_32 ${inline(KEY)}|2^31`;
const LOCAL = { id: '99', version: 1, address: '192.0.2.9' };
const PORTS = [0, 1, 2].map((index) => ({ index, rtpPort: 30_000 + 2 * index, rtcpPort: 30_001 + 2 * index }));

function request(method: string, media: readonly string[]): SipRequest {
  const sdp = ['v=0', 'o=- 1 1 IN IP4 192.0.2.1', 's=-', 'c=IN IP4 192.0.2.1', 't=0 0', ...media, ''].join('\r\n');
  const headers = Headers.from({ From: '<sip:src@192.0.2.1>;tag=1', To: '<sip:rec@192.0.2.9>', 'Call-ID': 'c1' });
  if (media.length > 0) headers.set('Content-Type', 'application/sdp');
  const body = Buffer.from(media.length > 0 ? sdp : '');
  return { kind: 'request', method, uri: 'sip:rec@192.0.2.9', version: 'SIP/2.0', headers, body };
}

function open(...media: string[]): Opening {
  const result = openSession(request('INVITE', media), DEFAULT_TRUNK, keeper);
  if (result.kind === 'refused') throw new Error(result.reason);
  return result;
}

function update(state: SessionState, ...media: string[]): Update {
  const result = updateSession(state, request('INVITE', media), keeper);
  if (result.kind === 'refused') throw new Error(result.reason);
  return result;
}

const mediaFor = (plan: AnswerPlan) => mediaOf(parseSdp(Buffer.from(describeSession(plan, PORTS, LOCAL, keeper)!)));

describe('a stream under SRTP', () => {
  it.each(['RTP/SAVP', 'RTP/SAVPF'])(
    'with profile %s is answered by the same tag and suite and a key of our own',
    (profile) => {
      const { answer } = open(`m=audio 5000 ${profile} 0`, CRYPTO);
      expect(mediaFor(answer)[0]).toMatchObject({
        port: 30_000,
        profile,
        crypto: [`7 AES_CM_128_HMAC_SHA1_32 ${inline(keeper.ownKey('99/0/AES_CM_128_HMAC_SHA1_32', 30))}`],
      });
    },
  );

  it('has its keys in the facts only sealed, and nowhere in what is saved', () => {
    const { facts, state } = open('m=audio 5000 RTP/SAVP 0', CRYPTO);
    const { suite, sealedKeys } = facts.streams[0]!.security!;
    expect(suite).toBe('AES_CM_128_HMAC_SHA1_32');
    expect(opened(sealedKeys)?.masters).toEqual([{ keyAndSalt: KEY, mki: Buffer.alloc(0) }]);
    expect(JSON.stringify({ facts, state })).not.toContain(KEY.toString('base64'));
  });

  it('keeps its keys through a re-INVITE that repeats them, and follows one that brings others', () => {
    const first = open('m=audio 5000 RTP/SAVP 0', CRYPTO);
    const same = update(first.state, 'm=audio 5000 RTP/SAVP 0', CRYPTO);
    expect(same.facts.streams[0]!.security).toEqual(first.facts.streams[0]!.security);
    expect(mediaFor(same.answer)[0]!.crypto).toEqual(mediaFor(first.answer)[0]!.crypto);
    const changed = update(same.state, 'm=audio 5000 RTP/SAVP 0', CRYPTO.replace(inline(KEY), inline(OTHER)));
    expect(opened(changed.facts.streams[0]!.security!.sealedKeys)?.masters[0]?.keyAndSalt).toEqual(OTHER);
  });

  it('that becomes plain, or is removed, has no keys any more', () => {
    const { state } = open('m=audio 5000 RTP/SAVP 0', CRYPTO, 'm=audio 5002 RTP/SAVP 0', CRYPTO);
    const changed = update(state, 'm=audio 5000 RTP/AVP 0', 'm=audio 0 RTP/SAVP 0');
    expect(changed.facts.streams.map((one) => [one.state, one.security])).toEqual([
      ['active', undefined],
      ['removed', undefined],
    ]);
  });

  it.each([
    ['that has no keys', []],
    ['whose suite we do not know', [`a=crypto:1 F8_128_HMAC_SHA1_80 ${inline(KEY)}`]],
    ['that asks for unencrypted packets', [`${CRYPTO.replace('|2^31', '')} UNENCRYPTED_SRTP`]],
  ])('%s is refused without a word of its keys, beside one that is taken', (_what, crypto) => {
    const { answer, facts, warnings } = open('m=audio 5000 RTP/SAVP 0', ...crypto, 'm=audio 5002 RTP/SAVP 0', CRYPTO);
    expect(mediaFor(answer).map(({ port }) => port)).toEqual([0, 30_002]);
    expect(facts.streams.map(({ state }) => state)).toEqual(['removed', 'active']);
    expect(warnings.join()).toMatch(/position 0 is refused: it is under SRTP/);
    expect(JSON.stringify({ facts, warnings })).not.toContain(KEY.toString('base64').slice(0, 8));
  });

  it('alone and not to be taken is 488', () => {
    const alone = request('INVITE', ['m=audio 5000 RTP/SAVP 0']);
    expect(openSession(alone, DEFAULT_TRUNK, keeper)).toMatchObject({ kind: 'refused', status: 488 });
    expect(openSession(request('INVITE', ['m=audio 5000 RTP/SAVP 0', CRYPTO]), DEFAULT_TRUNK, null)).toMatchObject({
      kind: 'refused',
      status: 488,
    });
  });

  it('stays under SRTP when the offer is left to us', () => {
    const { state } = open('m=audio 5000 RTP/SAVP 0', CRYPTO, 'm=audio 5002 RTP/AVP 0');
    const offer = update(state);
    expect(mediaFor(offer.answer).map(({ profile, crypto }) => [profile, crypto])).toEqual([
      ['RTP/SAVP', [`1 AES_CM_128_HMAC_SHA1_32 ${inline(keeper.ownKey('99/0/AES_CM_128_HMAC_SHA1_32', 30))}`]],
      ['RTP/AVP', []],
    ]);
    const ack = request('ACK', [
      'm=audio 5000 RTP/SAVP 0',
      `a=crypto:1 AES_CM_128_HMAC_SHA1_32 ${inline(OTHER)}`,
      'm=audio 5002 RTP/AVP 0',
    ]);
    const taken = takeAnswer(offer.state, ack, keeper);
    if (taken.kind === 'refused') throw new Error(taken.reason);
    expect(opened(taken.facts.streams[0]!.security!.sealedKeys)?.masters[0]?.keyAndSalt).toEqual(OTHER);
  });
});

describe('a trunk that demands SRTP', () => {
  const trunk = { ...DEFAULT_TRUNK, srtp: 'required' as const };
  const openOn = (...media: string[]) => openSession(request('INVITE', media), trunk, keeper);
  const PLAIN = 'm=audio 5000 RTP/AVP 0';
  const SECURE = ['m=audio 5002 RTP/SAVP 0', CRYPTO];

  it('takes a session of which every stream is under it', () => {
    expect(openOn(...SECURE, 'm=audio 5004 RTP/SAVPF 0', CRYPTO)).toMatchObject({ kind: 'opened' });
  });

  it.each([
    ['whose streams are plain', [PLAIN]],
    ['of which one stream is plain', [...SECURE, PLAIN]],
    ['that shows keys for a plain profile', [PLAIN, CRYPTO]],
  ])('refuses one %s with 488, and says why', (_what, media) => {
    const refused = openOn(...media);
    expect(refused).toMatchObject({ kind: 'refused', status: 488 });
    expect(JSON.stringify(refused)).toMatch(/under SRTP only; the stream at position \d is plain RTP/);
    expect(JSON.stringify(refused)).not.toContain(KEY.toString('base64').slice(0, 8));
  });

  it('does not mind a plain stream that is switched off', () => {
    expect(openOn(...SECURE, 'm=audio 0 RTP/AVP 0')).toMatchObject({ kind: 'opened' });
  });

  it('refuses a change to plain media, and the session stays as it was', () => {
    const first = openOn(...SECURE);
    if (first.kind === 'refused') throw new Error(first.reason);
    const saved = JSON.parse(JSON.stringify(first.state)) as SessionState;
    for (const state of [first.state, saved]) {
      expect(updateSession(state, request('INVITE', [PLAIN]), keeper)).toMatchObject({ kind: 'refused', status: 488 });
      expect(updateSession(state, request('UPDATE', SECURE), keeper)).toMatchObject({ kind: 'updated' });
    }
  });

  it('offers it where the offer is left to us, keeps nothing before the answer, and takes no plain one', () => {
    const first = openSession(request('INVITE', []), trunk, keeper);
    if (first.kind === 'refused') throw new Error(first.reason);
    const lines = mediaFor(first.answer);
    expect(lines.map(({ profile, crypto }) => [profile, crypto.length])).toEqual([
      ['RTP/SAVP', 1],
      ['RTP/SAVP', 1],
    ]);
    expect(withOfferedStreams(first.facts, first.answer).streams.map(({ state }) => state)).toEqual(['held', 'held']);
    expect(takeAnswer(first.state, request('ACK', [PLAIN]), keeper)).toMatchObject({ kind: 'refused', status: 488 });
    const answer = ['m=audio 5000 RTP/SAVP 0', CRYPTO.replace('crypto:7', 'crypto:1').replace('_32', '_80')];
    expect(takeAnswer(first.state, request('ACK', answer), keeper)).toMatchObject({
      facts: { streams: [{ state: 'active', security: { suite: 'AES_CM_128_HMAC_SHA1_80' } }] },
    });
  });
});

it('a crypto line on a plain stream means nothing', () => {
  const { answer, facts } = open('m=audio 5000 RTP/AVP 0', CRYPTO);
  expect(mediaFor(answer)[0]).toMatchObject({ port: 30_000, profile: 'RTP/AVP', crypto: [] });
  expect(facts.streams[0]!.security).toBe(undefined);
});
