import { fixtureNames, readFixture } from '../../src/intake/siprec/fixtures.ts';
import { parseMetadata } from '../../src/intake/siprec/metadata/parse.ts';
import { looksLikeRtp, RtpView } from '../../src/rtp/packet.ts';
import { readRtcp } from '../../src/rtp/rtcp.ts';
import type { SrtpKeys } from '../../src/rtp/srtp/keys.ts';
import { SrtpReceiver } from '../../src/rtp/srtp/receiver.ts';
import { SrtpSender } from '../../src/rtp/srtp/sender.ts';
import { masterBytes, srtpSuite } from '../../src/rtp/srtp/suites.ts';
import { answerRecording } from '../../src/sdp/answer.ts';
import { parseSdp, SdpParseError } from '../../src/sdp/parse.ts';
import { writeSdp } from '../../src/sdp/write.ts';
import { StreamFramer } from '../../src/sip/framer.ts';
import { parseMultipart } from '../../src/sip/multipart.ts';
import { SipParseError } from '../../src/sip/parse-error.ts';
import { parseMessage } from '../../src/sip/parse.ts';
import { APPLICATION } from '../../src/sip/rfc4475-application.fixture.ts';
import { INVALID } from '../../src/sip/rfc4475-invalid.fixture.ts';
import { VALID } from '../../src/sip/rfc4475-valid.fixture.ts';
import { serialize } from '../../src/sip/serialize.ts';
import { BODY } from '../../src/sip/wire.fixture.ts';
import { journalTarget, logTarget } from './spool-targets.ts';

/** Something that reads what others send. */
export interface Target {
  readonly name: string;
  readonly seeds: readonly Buffer[];
  /** Bits of its language. */
  readonly pieces: readonly string[];
  /** Reads the bytes; throws when it fails in another way than it says it may, or believes what is not so. */
  readonly read: (bytes: Buffer, at: number) => unknown;
}

const messages = fixtureNames().flatMap(readFixture);
const SIP_PIECES = [
  '\r\n',
  '\r\n\r\n',
  ': ',
  ';',
  ',',
  '<',
  '>',
  '"',
  '\\',
  '%00',
  'Content-Length: ',
  'SIP/2.0',
  'z9hG4bK',
  '\0',
  '\t',
  '=',
  '4294967296',
  '-1',
  '\xff',
];
const SDP_PIECES = [
  '\r\n',
  'm=',
  'a=',
  'c=IN IP4 ',
  ':',
  ' ',
  '/',
  '99999999999',
  '-1',
  'rtpmap:',
  'RTP/AVP',
  'a=label:',
  'a=crypto:1 ',
  '\0',
  '\xe9',
];
const XML_PIECES = [
  '<',
  '>',
  '</',
  '/>',
  '"',
  "'",
  '&',
  '&#0;',
  '&#x1F600;',
  '&e;',
  '<![CDATA[',
  ']]>',
  '<!--',
  '-->',
  '<!DOCTYPE x [',
  ']>',
  '<?xml ',
  '?>',
  '\0',
  '\xef\xbb\xbf',
  'xmlns:a=',
  ':',
];
const BINARY_PIECES = ['\x80\x00', '\x80\xc8', '\x90', '\xbf', '\xff\xff\xff\xff', '\0\0\0\0'];

function unless(expected: new (...args: never[]) => Error, task: () => unknown): void {
  try {
    task();
  } catch (error) {
    if (!(error instanceof expected)) throw error;
  }
}

function insist(truth: boolean, what: string): void {
  if (!truth) throw new Error(what);
}

const sip: Target = {
  name: 'SIP',
  seeds: [
    ...Object.values({ ...VALID, ...APPLICATION }),
    ...Object.values(INVALID).map(({ bytes }) => bytes),
    ...messages.map(({ bytes }) => bytes),
  ],
  pieces: SIP_PIECES,
  read: (bytes, at) => {
    unless(SipParseError, () => parseMessage(serialize(parseMessage(bytes))));
    const framer = new StreamFramer();
    const cut = at % (bytes.length + 1);
    const pieces = [...framer.push(bytes.subarray(0, cut)), ...framer.push(bytes.subarray(cut))];
    insist(pieces.length === new StreamFramer().push(bytes).length, 'a split stream is read otherwise than the whole');
  },
};

const sdp: Target = {
  name: 'SDP',
  seeds: [Buffer.from(BODY), ...messages.map(({ bytes }) => sdpOf(bytes)).filter((bytes) => bytes.length > 0)],
  pieces: SDP_PIECES,
  read: (bytes) =>
    unless(SdpParseError, () => {
      const offer = parseSdp(bytes);
      const ports = (index: number) => ({
        address: '127.0.0.1',
        rtpPort: 10_000 + 2 * index,
        rtcpPort: 10_001 + 2 * index,
      });
      const answer = answerRecording(offer, ports, { id: '1', version: '1', address: '127.0.0.1' });
      insist(
        parseSdp(Buffer.from(writeSdp(answer))).media.length === offer.media.length,
        'the answer has not the lines of the offer',
      );
    }),
};

const multipart: Target = {
  name: 'multipart',
  seeds: messages.map(({ bytes }) => bytes.subarray(bytes.indexOf('\r\n\r\n') + 4)),
  pieces: [...SIP_PIECES, '--', '--b--', 'boundary=', 'Content-Type: '],
  read: (bytes, at) => {
    const type = [
      'multipart/mixed;boundary=unique-boundary-1',
      'multipart/mixed',
      'multipart/mixed;boundary="',
      'application/sdp',
    ][at % 4];
    const parts = parseMultipart(type, bytes);
    insist(parts.reduce((sum, { body }) => sum + body.length, 0) <= bytes.length, 'parts are larger than their body');
  },
};

const metadata: Target = {
  name: 'metadata',
  seeds: messages.flatMap((message) => (message.metadata === null ? [] : [message.metadata])),
  pieces: XML_PIECES,
  read: (bytes) => parseMetadata(bytes),
};

const rtp: Target = {
  name: 'RTP',
  seeds: [rtpPacket(0), rtpPacket(0x20), rtpPacket(0x1f)],
  pieces: BINARY_PIECES,
  read: (bytes) => {
    const view = new RtpView();
    if (!looksLikeRtp(bytes) || !view.read(bytes)) return;
    const { payloadStart, payloadEnd } = view;
    insist(
      payloadStart >= 12 && payloadStart <= payloadEnd && payloadEnd <= bytes.length,
      'the payload lies outside of the packet',
    );
  },
};

const rtcp: Target = {
  name: 'RTCP',
  seeds: [
    Buffer.from('81c8000c0000004de875500000000000000006400000000a00000640', 'hex'),
    Buffer.from('81ca0003000000010102616200000000', 'hex'),
    Buffer.from('81cb000100000001', 'hex'),
  ],
  pieces: BINARY_PIECES,
  read: (bytes) => {
    for (const packet of readRtcp(bytes)) {
      if (packet.type === 'sr') insist(packet.at + 28 <= bytes.length, 'a report reaches past the datagram');
    }
  },
};

const SRTP_SUITES = ['AES_CM_128_HMAC_SHA1_80', 'AES_CM_128_HMAC_SHA1_32', 'AEAD_AES_128_GCM', 'AEAD_AES_256_GCM'];

/** No packet is taken that its sender has not protected, whatever is changed of one that he has. */
function srtpTarget(): Target {
  const keys = SRTP_SUITES.map((name): SrtpKeys => {
    const suite = srtpSuite(name)!;
    return { suite, masters: [{ keyAndSalt: Buffer.alloc(masterBytes(suite), name), mki: Buffer.alloc(0) }] };
  });
  const receivers = keys.map((one) => new SrtpReceiver(one));
  const report = Buffer.from('81c8000c0000004de875500000000000000006400000000a00000640', 'hex');
  const seeds = keys.flatMap((one) => {
    const sender = new SrtpSender(one);
    return [sender.protectRtp(rtpPacket(0)), sender.protectRtp(rtpPacket(0x20)), sender.protectRtcp(report)];
  });
  return {
    name: 'SRTP',
    seeds,
    pieces: BINARY_PIECES,
    read: (bytes, at) => {
      const isOwn = seeds.some((seed) => seed.equals(bytes));
      for (const receiver of receivers) {
        const ends = [receiver.openRtp(Buffer.from(bytes), at, at), receiver.openRtcp(Buffer.from(bytes), at)];
        insist(isOwn || ends.every((end) => end < 0), 'a packet was taken that nobody protected');
      }
    },
  };
}

function rtpPacket(flags: number): Buffer {
  const bytes = Buffer.alloc(172, flags);
  bytes.writeUInt16BE(0x8000 | (flags << 8), 0);
  return bytes;
}

function sdpOf(message: Buffer): Buffer {
  const from = message.indexOf('v=0');
  return from < 0 ? Buffer.alloc(0) : message.subarray(from, from + 1500);
}

/** All of them; those of the spool are written first. */
export async function targets(): Promise<Target[]> {
  return [sip, sdp, multipart, metadata, rtp, rtcp, srtpTarget(), journalTarget(), await logTarget()];
}
