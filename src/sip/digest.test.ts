import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../base/clock.ts';
import { answerChallenge } from './digest-client.ts';
import { DigestServer, type DigestServerOptions } from './digest-server.ts';
import { digestResponse, parseAuth } from './digest.ts';

describe('digestResponse', () => {
  const rfc7616 = {
    username: 'Mufasa',
    realm: 'http-auth@example.org',
    password: 'Circle of Life',
    method: 'GET',
    uri: '/dir/index.html',
    nonce: '7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v',
    qop: { nc: '00000001', cnonce: 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ' },
  };

  it('RFC 7616 §3.9.1, MD5 and SHA-256', () => {
    expect(digestResponse({ ...rfc7616, algorithm: 'MD5' })).toBe('8ca523f5e9506fed4657c9700eebdbec');
    expect(digestResponse({ ...rfc7616, algorithm: 'SHA-256' })).toBe(
      '753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1',
    );
  });

  it('RFC 2617 §3.5', () => {
    const input = {
      ...rfc7616,
      algorithm: 'MD5' as const,
      realm: 'testrealm@host.com',
      password: 'Circle Of Life',
      nonce: 'dcd98b7102dd2f0e8b11d0f600bfb0c093',
      qop: { nc: '00000001', cnonce: '0a4f113b' },
    };
    expect(digestResponse(input)).toBe('6629fae49393a05397450978507c4ef1');
  });
});

describe('parseAuth', () => {
  it('reads quoted commas, blanks and any order', () => {
    const { scheme, params } = parseAuth('DIGEST  Realm = "a, \\"b\\"" ,nonce=x,, qop="auth,auth-int", qop=auth');
    expect(scheme).toBe('digest');
    expect([...params]).toEqual([
      ['realm', 'a, "b"'],
      ['nonce', 'x'],
      ['qop', 'auth,auth-int'],
    ]);
    expect(parseAuth('').params.size).toBe(0);
  });
});

const alice = { username: 'alice', password: 'open sesame' };
const invite = { method: 'INVITE', uri: 'sip:rec@example.com' };
const passwordOf = (name: string): string | null => (name === 'alice' ? alice.password : null);

function setUp(options: Partial<DigestServerOptions> = {}): { server: DigestServer; clock: VirtualClock } {
  const clock = new VirtualClock();
  let drawn = 0;
  const random = (size: number): Buffer => Buffer.alloc(size, ++drawn);
  const server = new DigestServer({ realm: 'earshot', secret: Buffer.alloc(32, 7), clock, random, ...options });
  return { server, clock };
}

/** What a right client sends for these challenges. */
function answer(challenges: readonly string[], count = 1, credentials = alice): { authorization: string | undefined } {
  const request = { ...invite, cnonce: '0123456789abcdef', count };
  return { authorization: answerChallenge(challenges, credentials, request) ?? undefined };
}

describe('DigestServer', () => {
  it.each(['MD5', 'SHA-256', 'SHA-512-256'] as const)('takes a right answer in %s', (algorithm) => {
    const { server } = setUp({ algorithms: [algorithm] });
    const given = answer(server.challenge());
    expect(given.authorization).toContain(`algorithm=${algorithm},`);
    expect(server.verify({ ...invite, ...given }, passwordOf)).toEqual({ ok: true, username: 'alice' });
  });

  it('offers the strongest first, and the client takes it', () => {
    const { server } = setUp();
    const challenges = server.challenge(true);
    expect(challenges.map((one) => parseAuth(one).params.get('algorithm'))).toEqual(['SHA-256', 'MD5']);
    expect(parseAuth(challenges[0]!).params.get('stale')).toBe('true');
    expect(answer(challenges.toReversed()).authorization).toContain('algorithm=SHA-256,');
  });

  it.each([
    ['no credentials', { authorization: undefined }, 'missing'],
    ['another scheme', { authorization: 'Basic YTpi' }, 'malformed'],
    ['rubbish', { authorization: 'Digest ,,="' }, 'malformed'],
  ])('%s', (_name, given, why) => {
    expect(setUp().server.verify({ ...invite, ...given }, passwordOf)).toEqual({ ok: false, why });
  });

  it('refuses a wrong password, an unknown user, another method or URI', () => {
    const { server } = setUp();
    const wrong = { ok: false, why: 'wrong' };
    const challenge = server.challenge();
    expect(server.verify({ ...invite, ...answer(challenge, 1, { ...alice, password: '' }) }, passwordOf)).toEqual(
      wrong,
    );
    const unknown = answer(challenge, 1, { username: 'mallory', password: '' });
    expect(server.verify({ ...invite, ...unknown }, passwordOf)).toEqual(wrong);
    expect(server.verify({ ...invite, ...answer(challenge), method: 'BYE' }, passwordOf)).toEqual(wrong);
    const elsewhere = { ...invite, ...answer(challenge), uri: 'sip:other@example.com' };
    expect(server.verify(elsewhere, passwordOf)).toEqual({ ok: false, why: 'malformed' });
  });

  it('the same URI in another spelling passes', () => {
    const { server } = setUp();
    const spelled = { ...invite, ...answer(server.challenge()), uri: 'SIP:%72ec@EXAMPLE.com' };
    expect(server.verify(spelled, passwordOf).ok).toBe(true);
  });

  it('a nonce grows old, and one of another secret or spelling never was', () => {
    const { server, clock } = setUp({ lifetimeMs: 1000 });
    const given = answer(server.challenge());
    const stale = { ok: false, why: 'stale' };
    const { server: other } = setUp({ secret: Buffer.alloc(32, 8) });
    expect(other.verify({ ...invite, ...given }, passwordOf)).toEqual(stale);
    const spelled = { authorization: given.authorization!.replace(/ nonce="([^"]+)"/, ' nonce="$1="') };
    expect(server.verify({ ...invite, ...spelled }, passwordOf)).toEqual(stale);
    clock.advance(1000);
    expect(server.verify({ ...invite, ...given }, passwordOf).ok).toBe(true);
    clock.advance(1);
    expect(server.verify({ ...invite, ...answer(server.challenge(), 2) }, passwordOf).ok).toBe(true);
    expect(server.verify({ ...invite, ...given }, passwordOf)).toEqual(stale);
  });

  it('takes each count of a nonce once, in any order within 32', () => {
    const { server } = setUp();
    const challenge = server.challenge();
    const verdicts = [1, 3, 2, 2, 3, 40, 9, 8, 7, 39, 40, 200, 40].map((count) => {
      const verdict = server.verify({ ...invite, ...answer(challenge, count) }, passwordOf);
      return verdict.ok ? 'ok' : verdict.why;
    });
    expect(verdicts).toEqual([
      'ok',
      'ok',
      'ok',
      'replayed',
      'replayed',
      'ok',
      'ok',
      'replayed',
      'replayed',
      'ok',
      'replayed',
      'ok',
      'replayed',
    ]);
  });

  it('forgets nonces only so that none can be used again', () => {
    const { server, clock } = setUp({ remembered: 2 });
    const given = Array.from({ length: 4 }, () => {
      clock.advance(10);
      return answer(server.challenge());
    });
    for (const one of given) expect(server.verify({ ...invite, ...one }, passwordOf).ok).toBe(true);
    for (const one of given) expect(server.verify({ ...invite, ...one }, passwordOf).ok).toBe(false);
  });
});

describe('answerChallenge', () => {
  it('answers a challenge without qop as RFC 2069 does, and a session algorithm', () => {
    const old = answerChallenge(['Digest realm="r", nonce="n", opaque="o"'], alice, { ...invite, cnonce: 'c' });
    expect(old).not.toContain('qop');
    expect(old).toContain('opaque="o"');
    const session = answerChallenge(['Digest realm="r", nonce="n", algorithm=MD5-sess, qop="auth"'], alice, {
      ...invite,
      cnonce: 'c',
    });
    expect(parseAuth(session!).params.get('algorithm')).toBe('MD5-sess');
  });

  it.each([
    'Basic realm="r"',
    'Digest realm="r", nonce="n", algorithm=AKAv1-MD5',
    'Digest realm="r", nonce="n", qop="auth-int"',
    'Digest realm="r"',
  ])('gives up on %s', (challenge) =>
    expect(answerChallenge([challenge], alice, { ...invite, cnonce: 'c' })).toBeNull(),
  );
});
