import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { Clock } from '../../base/clock.ts';
import { EarshotError } from '../../base/errors.ts';
import type { Random } from '../../base/ids.ts';
import type { SrtpKeys } from '../../rtp/srtp/keys.ts';
import { SrtpSender } from '../../rtp/srtp/sender.ts';
import { offerRecording } from '../../sdp/answer.ts';
import { writeCrypto } from '../../sdp/crypto.ts';
import { mediaOf } from '../../sdp/media.ts';
import { parseSdp } from '../../sdp/parse.ts';
import { staticCodec } from '../../sdp/payload-types.ts';
import { writeSdp } from '../../sdp/write.ts';
import type { UserAgent } from '../../sip/agent/agent.ts';
import type { Session } from '../../sip/agent/api.ts';
import type { Protocol, Target } from '../../sip/transport/types.ts';
import { siprecBody } from './body.ts';
import { callMetadata, type TestParty } from './metadata.ts';
import { PACKET_MS, StreamSender } from './stream-sender.ts';

export interface TestLeg {
  readonly party: TestParty;
  /** 0 = µ-law, 8 = A-law (RFC 3551). */
  readonly payloadType: 0 | 8;
  /** Encoded audio, one byte a sample, 8 kHz. */
  readonly audio: Uint8Array;
  /** Keys of ours to protect its packets with (SDES, SRTP); left out: plain RTP. */
  readonly srtp?: SrtpKeys;
  /** What the network does to each packet: the packets that leave in its turn. */
  readonly impair?: (index: number) => readonly number[];
}

export interface TestCall {
  readonly agent: UserAgent;
  readonly protocol: Protocol;
  readonly destination: Target;
  /** Address that the media leaves from. */
  readonly localAddress: string;
  readonly legs: readonly [TestLeg, TestLeg];
  readonly clock: Clock;
  readonly random: Random;
  /** Hangs up early. */
  readonly signal?: AbortSignal;
}

export interface TestCallReport {
  /** Our Call-ID, which is also the metadata's sipSessionID. */
  readonly sipCallId: string;
  /** INVITE to final response, ms. */
  readonly setupMs: number;
  readonly packets: readonly number[];
}

/**
 * Places one SIPREC call as a recording client does (RFC 7866 §7.1), sends both streams at real pace, and hangs up when both are over.
 * @throws EarshotError CALL_FAILED when it is refused
 */
export async function placeCall(call: TestCall): Promise<TestCallReport> {
  const id = call.random(12).toString('hex');
  const sockets = await Promise.all(call.legs.map(() => mediaSocket(call.localAddress)));
  try {
    const before = call.clock.mono();
    const { session, ports } = await setUp(call, id, sockets);
    const setupMs = call.clock.mono() - before;
    const senders = call.legs.map((leg, index) => sender(call, leg, sockets[index]!, ports[index]!));
    await atRealPace(senders, call.clock, call.signal);
    await session.bye();
    return { sipCallId: session.callId, setupMs, packets: senders.map((one) => one.sent) };
  } finally {
    for (const socket of sockets) socket.close();
  }
}

async function mediaSocket(address: string): Promise<Socket> {
  const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
  socket.bind(0, address);
  await once(socket, 'listening');
  return socket;
}

interface MediaTarget {
  readonly address: string;
  readonly port: number;
}

async function setUp(
  call: TestCall,
  id: string,
  sockets: readonly Socket[],
): Promise<{ session: Session; ports: MediaTarget[] }> {
  const [caller, callee] = call.legs;
  const streams = call.legs.map((leg, index) => {
    const rtpPort = sockets[index]!.address().port;
    const local = { address: call.localAddress, rtpPort, rtcpPort: rtpPort + 1 };
    const crypto = leg.srtp === undefined ? null : cryptoOf(leg.srtp);
    return { label: String(index + 1), local, codecs: [staticCodec(leg.payloadType)], ptimeMs: PACKET_MS, crypto };
  });
  const sdp = writeSdp(offerRecording(streams, { id: '1', version: '1', address: call.localAddress, username: 'src' }));
  const metadata = callMetadata(id, caller.party, callee.party, new Date(call.clock.now()));
  const { session, response } = await call.agent.invite({
    target: `sip:recorder@${hostOf(call.destination.address)}:${call.destination.port}`,
    destination: call.destination,
    protocol: call.protocol,
    from: `"Test call" <sip:src@${hostOf(call.localAddress)}>`,
    callId: id,
    ...siprecBody(sdp, metadata),
    headers: { Require: 'siprec' },
    contactParams: { '+sip.src': null },
  });
  if (session === undefined) {
    throw new EarshotError('CALL_FAILED', `the server answered ${response.status} ${response.reason}.`, {
      remedy: remedyFor(response.status),
    });
  }
  return { session, ports: targetsOf(response.body) };
}

function cryptoOf({ suite, masters }: SrtpKeys): string {
  return writeCrypto('1', suite.name, masters[0]!.keyAndSalt);
}

function hostOf(address: string): string {
  return address.includes(':') ? `[${address}]` : address;
}

function remedyFor(status: number): string {
  if (status === 403) return 'Allow this address under `trunks`.';
  if (status === 408 || status === 503)
    return 'See that the recorder runs and that the port is right; `earshot doctor` tells more.';
  return 'Look at the server’s log.';
}

function targetsOf(answer: Uint8Array): MediaTarget[] {
  return mediaOf(parseSdp(answer)).map((media) => ({ address: media.address ?? '', port: media.port }));
}

function sender(call: TestCall, leg: TestLeg, socket: Socket, target: MediaTarget): StreamSender {
  const start = call.random(12);
  const srtp = leg.srtp === undefined ? undefined : new SrtpSender(leg.srtp);
  return new StreamSender({
    socket,
    address: target.address,
    port: target.port,
    payloadType: leg.payloadType,
    ssrc: start.readUInt32BE(0),
    firstSequence: start.readUInt16BE(4),
    firstTimestamp: start.readUInt32BE(8),
    audio: leg.audio,
    ...(srtp === undefined ? {} : { protect: (packet: Buffer) => srtp.protectRtp(packet) }),
    ...(leg.impair === undefined ? {} : { impair: leg.impair }),
  });
}

/** Drives the senders by the clock until all are done; the last packet's time passes too, so that the call is as long as its audio. */
async function atRealPace(senders: readonly StreamSender[], clock: Clock, signal?: AbortSignal): Promise<void> {
  const start = clock.mono();
  while (!senders.every((one) => one.done) && !isAborted(signal)) {
    const elapsed = clock.mono() - start;
    for (const one of senders) one.advance(elapsed);
    const next = PACKET_MS - (elapsed % PACKET_MS);
    await new Promise<void>((resolve) => clock.after(next, resolve));
  }
}

function isAborted(signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true;
}
