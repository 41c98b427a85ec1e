import { describe, expect, it } from 'vitest';
import { answerRecording, type AnswerOptions, type LocalMedia, offerRecording } from './answer.ts';
import { attribute, type SessionDescription } from './description.ts';
import { mediaOf } from './media.ts';
import { parseSdp, SdpParseError } from './parse.ts';
import { writeSdp } from './write.ts';

function read(text: string): SessionDescription {
  return parseSdp(Buffer.from(text));
}

/** Two streams as a session recording client offers them. */
const OFFER = `v=0
o=SRC 2890844526 2890844526 IN IP4 198.51.100.1
s=-
c=IN IP4 198.51.100.1
t=0 0
m=audio 12240 RTP/AVP 0 4 8 101
a=sendonly
a=rtpmap:101 telephone-event/8000
a=fmtp:101 0-15
a=ptime:20
a=label:1
m=audio 22456 RTP/AVP 98
c=IN IP6 2001:DB8::5/127
a=rtpmap:98 opus/48000/2
a=fmtp:98 useinbandfec=1; stereo=0
a=rtcp:53020 IN IP4 198.51.100.9
a=label:2
`.replaceAll('\n', '\r\n');

const SESSION = { id: '77', version: '3', address: '192.0.2.7' };

const ports = (index: number): LocalMedia => ({
  address: '192.0.2.7',
  rtpPort: 10_000 + 2 * index,
  rtcpPort: 10_001 + 2 * index,
});

function answer(
  offer: string,
  options: AnswerOptions = {},
  local: (index: number) => LocalMedia | null = ports,
): string[] {
  return writeSdp(answerRecording(read(offer), local, SESSION, options))
    .split('\r\n')
    .slice(0, -1);
}

/** Direction of the only m-line's answer. */
function answeredDirection(lines: string): string | undefined {
  const all = answer(`v=0\nc=IN IP4 198.51.100.1\n${lines}\n`);
  return all.findLast((line) => /^a=(?:send|recv|inactive)/.test(line));
}

describe('parseSdp', () => {
  it('writes what it reads, unknown lines kept', () => {
    const text = `${OFFER.replace('t=0 0\r\n', 'b=AS:64\r\nt=0 0\r\nr=7d 1h 0 25h\r\nx=unknown\r\na=group:BUNDLE 1\r\na=tool:x y\r\n')}i=title\r\n`;
    const description = read(text);
    expect(description.warnings).toEqual([]);
    expect(description.other).toContainEqual({ type: 'x', value: 'unknown' });
    expect(description.media[1]!.other).toEqual([{ type: 'i', value: 'title' }]);
    const written = writeSdp(description);
    expect(read(written)).toEqual(description);
    expect(written.split('\r\n').toSorted()).toEqual(
      text.replace('2001:DB8::5/127', '2001:db8::5').split('\r\n').toSorted(),
    );
  });

  it.each([
    ['LF', OFFER.replaceAll('\r\n', '\n')],
    ['CR', OFFER.replaceAll('\r\n', '\r')],
    ['blanks and a NUL behind lines', OFFER.replaceAll('\r\n', '  \0\r\n')],
    ['blank lines', OFFER.replaceAll('\r\n', '\r\n\r\n')],
    ['no line end at the end', OFFER.trimEnd()],
    ['a space behind the letter', OFFER.replaceAll(/^(.)=/gm, '$1= ')],
  ])('line ends: %s', (_name, text) => expect(read(text)).toEqual(read(OFFER)));

  it('reads an origin with blanks in its name, large numbers and a name for an address', () => {
    const origin = (line: string): unknown => read(`v=0\no=${line}\n`).origin;
    expect(origin('Some SBC 99999999999999999999 0 IN IP4 sbc.example.com')).toEqual({
      username: 'Some SBC',
      id: '99999999999999999999',
      version: '0',
      family: 4,
      address: 'sbc.example.com',
    });
    expect(origin('- 1 1 IN IP4 [2001:db8::1]')).toMatchObject({ family: 6, address: '2001:db8::1' });
    expect(origin('- 1')).toBeNull();
  });

  it('a damaged m= line keeps its place and is refused; the others are taken', () => {
    const description = read(
      'v=0\nc=IN IP4 198.51.100.1\nm=audio x RTP/AVP 0\nm=\nm=audio 70000 RTP/AVP 0\nm=audio 4000/2 rtp/avp 0\n',
    );
    expect(description.warnings).toHaveLength(3);
    expect(mediaOf(description).map(({ removed }) => removed)).toEqual([true, true, true, false]);
    expect(description.media[3]).toMatchObject({ port: 4000, portCount: 2, profile: 'RTP/AVP' });
  });

  it.each([
    '',
    '\0\0',
    'hello',
    '<recording/>',
    `v=0\n${'m=audio 1 RTP/AVP 0\n'.repeat(65)}`,
    'a=b\n'.repeat(9000),
    'v'.repeat(300_000),
  ])('refuses what is no description (%#)', (text) => expect(() => read(text)).toThrow(SdpParseError));

  it('every prefix is a description or an SdpParseError', () => {
    for (let end = 0; end < OFFER.length; end++) {
      const text = OFFER.slice(0, end);
      if (end < 2) expect(() => read(text)).toThrow(SdpParseError);
      else expect(mediaOf(read(text)).length).toBe(text.split('m=').length - 1);
    }
  });
});

describe('mediaOf', () => {
  it('applies the session level, codecs with and without rtpmap', () => {
    const [first, second] = mediaOf(read(OFFER));
    expect(first).toMatchObject({
      index: 0,
      kind: 'audio',
      port: 12_240,
      rtcpPort: 12_241,
      address: '198.51.100.1',
      rtcpAddress: '198.51.100.1',
      direction: 'sendonly',
      held: false,
      removed: false,
      label: '1',
      rtcpMux: false,
      ptimeMs: 20,
      rtp: true,
    });
    expect(first!.codecs).toEqual([
      { payloadType: 0, name: 'PCMU', clockRate: 8000, channels: 1 },
      { payloadType: 4, name: 'G723', clockRate: 8000, channels: 1 },
      { payloadType: 8, name: 'PCMA', clockRate: 8000, channels: 1 },
      { payloadType: 101, name: 'TELEPHONE-EVENT', clockRate: 8000, channels: 1, fmtp: '0-15' },
    ]);
    expect(second).toMatchObject({
      direction: 'sendrecv',
      address: '2001:db8::5',
      rtcpPort: 53_020,
      rtcpAddress: '198.51.100.9',
    });
    expect(second!.codecs).toEqual([
      { payloadType: 98, name: 'OPUS', clockRate: 48_000, channels: 2, fmtp: 'useinbandfec=1; stereo=0' },
    ]);
  });

  it.each([
    ['a=sendonly', 'm=audio 4000 RTP/AVP 0', 'sendonly'],
    ['a=sendonly', 'm=audio 4000 RTP/AVP 0\na=inactive', 'inactive'],
    ['', 'm=audio 4000 RTP/AVP 0', 'sendrecv'],
    ['', 'm=audio 4000 RTP/AVP 0\na=sendonly\na=INACTIVE', 'inactive'],
  ])('direction: session %j, media %j', (session, media, direction) => {
    expect(mediaOf(read(`v=0\n${session}\n${media}\n`))[0]!.direction).toBe(direction);
  });

  it.each([
    ['IN IP4 0.0.0.0', true],
    ['IN IP6 ::', true],
    ['IN IP6 0:0:0:0:0:0:0:0', true],
    ['IN IP4 10.0.0.0', false],
    ['IN IP6 ::1', false],
  ])('held by c=%s: %s', (connection, held) => {
    const media = mediaOf(read(`v=0\nc=IN IP4 198.51.100.1\nm=audio 4000 RTP/AVP 0\nc=${connection}\n`));
    expect(media[0]!.held).toBe(held);
  });

  it('two channels, static types, repeated and impossible payload types', () => {
    const media = mediaOf(
      read(
        'v=0\nm=audio 4000 RTP/AVP 96 9 10 18 96 999 x 13 127\na=rtpmap:96 PCMU/8000/2\na=rtpmap:13 CN/16000\na=rtpmap:18 broken\n',
      ),
    );
    expect(
      media[0]!.codecs.map(({ payloadType, name, clockRate, channels }) => [payloadType, name, clockRate, channels]),
    ).toEqual([
      [96, 'PCMU', 8000, 2],
      [9, 'G722', 8000, 1],
      [10, 'L16', 44_100, 2],
      [18, 'G729', 8000, 1],
      [13, 'CN', 16_000, 1],
      [127, '', 8000, 1],
    ]);
  });

  it('removed, other kinds, no address, secure with keys', () => {
    const media = mediaOf(
      read(
        'v=0\nm=audio 0 RTP/AVP 0\nm=message 5060 TCP/MSRP *\nm=audio 4000 RTP/SAVP 0\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:x\na=rtcp-mux\n',
      ),
    );
    expect(media[0]).toMatchObject({ removed: true, rtcpPort: 0, address: null });
    expect(media[1]).toMatchObject({ kind: 'message', rtp: false, codecs: [] });
    expect(media[2]).toMatchObject({ crypto: ['1 AES_CM_128_HMAC_SHA1_80 inline:x'], rtcpMux: true, rtcpPort: 4000 });
  });
});

describe('answerRecording', () => {
  it('takes all payload types, echoes labels and receives only', () => {
    expect(answer(OFFER)).toEqual([
      'v=0',
      'o=- 77 3 IN IP4 192.0.2.7',
      's=-',
      'c=IN IP4 192.0.2.7',
      't=0 0',
      'm=audio 10000 RTP/AVP 0 4 8 101',
      'a=rtpmap:0 PCMU/8000',
      'a=rtpmap:4 G723/8000',
      'a=rtpmap:8 PCMA/8000',
      'a=rtpmap:101 telephone-event/8000',
      'a=fmtp:101 0-15',
      'a=label:1',
      'a=recvonly',
      'm=audio 10002 RTP/AVP 98',
      'a=rtpmap:98 opus/48000/2',
      'a=fmtp:98 useinbandfec=1; stereo=0',
      'a=label:2',
      'a=recvonly',
    ]);
  });

  it.each([
    ['m=audio 4000 RTP/AVP 0\na=sendonly', 'a=recvonly'],
    ['m=audio 4000 RTP/AVP 0', 'a=recvonly'],
    ['m=audio 4000 RTP/AVP 0\na=inactive', 'a=inactive'],
    ['m=audio 4000 RTP/AVP 0\na=recvonly', 'a=inactive'],
    ['m=audio 4000 RTP/AVP 0\nc=IN IP4 0.0.0.0', 'a=recvonly'],
    ['m=audio 4000 RTP/AVPF 0', 'a=recvonly'],
  ])('RFC 3264 §6.1: %j is answered %s', (lines, direction) => expect(answeredDirection(lines)).toBe(direction));

  it('every m-line that is not taken keeps its place with port 0 and its formats', () => {
    const lines = answer(
      'v=0\nm=video 5000 RTP/AVP 31\nm=audio 4000 RTP/AVP 0\nm=audio 0 RTP/AVP 8\nm=audio 4002 RTP/SAVP 0\nm=image 1 udptl t38\nm=audio 1 RTP/AVP\nm=audio 6000 RTP/AVP 0\n',
      {},
      (index) => (index === 1 ? null : ports(index)),
    );
    expect(lines.filter((line) => line.startsWith('m='))).toEqual([
      'm=video 0 RTP/AVP 31',
      'm=audio 0 RTP/AVP 0',
      'm=audio 0 RTP/AVP 8',
      'm=audio 0 RTP/SAVP 0',
      'm=image 0 UDPTL t38',
      'm=audio 0 RTP/AVP 0',
      'm=audio 10012 RTP/AVP 0',
    ]);
  });

  it('never copies the origin of the offer', () => {
    expect(answer(OFFER).join('\n')).not.toContain('2890844526');
  });

  it('accepts rtcp-mux where it is offered, unless told not to', () => {
    const offer = 'v=0\nm=audio 4000 RTP/AVP 0\na=rtcp-mux\n';
    expect(answer(offer)).toContain('a=rtcp-mux');
    expect(answer(offer, { rtcpMux: false })).not.toContain('a=rtcp-mux');
    expect(answer('v=0\nm=audio 4000 RTP/AVP 0\n')).not.toContain('a=rtcp-mux');
  });

  it('names an RTCP port that is not the next one, and an address of its own', () => {
    const lines = answer('v=0\nm=audio 4000 RTP/AVP 0\n', {}, () => ({
      address: '2001:db8::7',
      rtpPort: 10_000,
      rtcpPort: 10_900,
    }));
    expect(lines).toContain('a=rtcp:10900');
    expect(lines).toContain('c=IN IP6 2001:db8::7');
  });

  it('answers secure streams with the key it is given', () => {
    const offer = 'v=0\nm=audio 4000 RTP/SAVP 0\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:theirs\n';
    const lines = answer(offer, {
      crypto: ({ crypto }) => (crypto.length > 0 ? '1 AES_CM_128_HMAC_SHA1_80 inline:ours' : null),
    });
    expect(lines).toContain('m=audio 10000 RTP/SAVP 0');
    expect(lines).toContain('a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:ours');
    expect(lines.join('\n')).not.toContain('theirs');
  });

  it('a label cannot forge a line', () => {
    const offer = read(OFFER);
    const [media] = offer.media;
    const forged = {
      ...offer,
      media: [{ ...media!, attributes: [{ name: 'label', value: '1\r\nm=audio 9 RTP/AVP 0' }] }],
    };
    const written = writeSdp(answerRecording(forged, ports, SESSION));
    expect(read(written).media).toHaveLength(1);
  });
});

describe('offerRecording', () => {
  it('is read back as what was meant', () => {
    const codecs = [
      { payloadType: 8, name: 'PCMA', clockRate: 8000, channels: 1 },
      { payloadType: 101, name: 'TELEPHONE-EVENT', clockRate: 8000, channels: 1, fmtp: '0-16' },
    ];
    const offer = offerRecording(
      [
        { label: '1', local: ports(0), codecs, ptimeMs: 20 },
        { label: '2', local: ports(1), codecs, direction: 'inactive', rtcpMux: true },
      ],
      SESSION,
    );
    const [first, second] = mediaOf(parseSdp(Buffer.from(writeSdp(offer))));
    expect(first).toMatchObject({
      port: 10_000,
      address: '192.0.2.7',
      direction: 'sendonly',
      label: '1',
      ptimeMs: 20,
      codecs,
    });
    expect(second).toMatchObject({ port: 10_002, direction: 'inactive', label: '2', rtcpMux: true });
    expect(attribute(offer.media[1]!, 'rtcp-mux')).toBe('');
  });
});

/** Whole numbers below the argument from a seed (linear congruence, high bits). */
function dice(seed: number): (below: number) => number {
  let state = BigInt(seed);
  return (below) => {
    state = (state * 6_364_136_223_846_793_005n + 1_442_695_040_888_963_407n) & 0xffff_ffff_ffff_ffffn;
    return Number(state >> 33n) % below;
  };
}

describe('hostile descriptions', () => {
  const count = Number(process.env['EARSHOT_FUZZ'] ?? 3000);
  const bits = [
    '\r\n',
    'm=',
    'a=',
    'c=IN IP4 ',
    '\0',
    ':',
    ' ',
    '/',
    '99999999999',
    '-1',
    'rtpmap:',
    'RTP/AVP',
    '\u{e9}',
    'a=label:',
  ];

  it(`${count} mutations: an SdpParseError, or an answer with as many m-lines`, { timeout: 15_000 + count }, () => {
    const roll = dice(8866);
    for (let run = 0; run < count; run++) {
      let text = OFFER;
      for (let edits = 1 + roll(6); edits > 0; edits--) {
        const at = roll(text.length + 1);
        const piece = roll(3) === 0 ? String.fromCodePoint(roll(256)) : bits[roll(bits.length)]!;
        text = text.slice(0, at) + piece.repeat(1 + roll(3)) + text.slice(at + roll(20));
      }
      let offer: SessionDescription;
      try {
        offer = read(text);
      } catch (error) {
        expect(error).toBeInstanceOf(SdpParseError);
        continue;
      }
      const written = read(writeSdp(answerRecording(offer, ports, SESSION)));
      expect(written.media.map(({ port }) => port === 0)).toEqual(
        mediaOf(offer).map(
          ({ removed, kind, codecs, profile }) =>
            removed || kind !== 'audio' || codecs.length === 0 || !/^RTP\/AVPF?$/.test(profile),
        ),
      );
    }
  });

  it.each([
    'a=',
    'a=rtpmap:0 PCMU/8000\n',
    'a=fmtp:0 x\n',
    ' ',
    ':',
    '/',
    '=',
    '\n',
    '\r',
    'm=audio 1 RTP/AVP 0 ',
    '0 ',
    'c=IN IP4 1\n',
    '\0',
    'o=\n',
    'a=label:1\n',
  ])('256 kB of %j cost less than 50 ms', (piece) => {
    for (const head of [
      '',
      'v=0\n',
      'v=0\nm=audio 1 RTP/AVP 0 ',
      'v=0\na=',
      'v=0\no=',
      'v=0\nc=IN IP4 ',
      'v=0\nm=audio 1 RTP/AVP 0\na=rtpmap:0 ',
      `v=0\n${'m=audio 1 RTP/AVP 0\n'.repeat(63)}`,
    ]) {
      const bytes = Buffer.from(head + piece.repeat(Math.floor((262_144 - head.length) / piece.length)));
      let best = Infinity;
      for (let run = 0; run < 3 && best > 50; run++) {
        const before = process.threadCpuUsage();
        try {
          writeSdp(answerRecording(parseSdp(bytes), ports, SESSION));
        } catch (error) {
          expect(error).toBeInstanceOf(SdpParseError);
        }
        const { user, system } = process.threadCpuUsage(before);
        best = Math.min(best, (user + system) / 1000);
      }
      expect(best).toBeLessThan(50);
    }
  });
});
