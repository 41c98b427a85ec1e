import { seededNumbers } from './seeded.ts';
import type { Captured, CapturedRtp, CaptureSource } from './types.ts';

/** A sender of packets as seen by the recorder, for tests and benchmarks: what it says and what the network does to it. */
export interface SimulatedSender {
  readonly stream: number;
  readonly ssrc: number;
  readonly payloadType?: number;
  /** Packets of 20 ms. */
  readonly packets: number;
  readonly firstSequence?: number;
  readonly firstTimestamp?: number;
  /** True time of the first sample, ms since the call's opening. */
  readonly startMs?: number;
  /** + = the sender's clock is fast. */
  readonly driftPpm?: number;
  /** Each packet is late by up to so much. */
  readonly jitterMs?: number;
  /** Shares of packets, 0 to 1. */
  readonly loss?: number;
  readonly duplicates?: number;
  readonly seed?: number;
  /** Which packets are not sent at all (DTX) while time goes on. */
  readonly silent?: (packet: number) => boolean;
  /** One byte of payload by the sample's number. */
  readonly code?: (sample: number) => number;
}

const PACKET = 160;

/** A code that tells its sample's number apart from its neighbours': three seconds loud, one quiet, in turn. */
export function talkingCode(sample: number): number {
  const mixed = Math.imul(sample + 1, 0x9e3779b1) >>> 24;
  return Math.floor(sample / 8000) % 4 === 3 ? 0xf8 | (mixed & 7) : mixed & 0xbf;
}

function payloadOf(packet: number, code: (sample: number) => number): Uint8Array {
  const payload = new Uint8Array(PACKET);
  for (let i = 0; i < PACKET; i++) payload[i] = code(packet * PACKET + i);
  return payload;
}

/** What became of a sender's packets on the way, and the packets that arrived. */
export interface SimulatedStream {
  readonly packets: CapturedRtp[];
  /** By number of the packet. */
  readonly lost: Uint8Array;
  readonly duplicated: number;
}

/** The packets of a sender in the order of their arrival. */
export function simulate(sender: SimulatedSender): SimulatedStream {
  const random = seededNumbers(sender.seed ?? 1);
  const lost = new Uint8Array(sender.packets);
  const packets: CapturedRtp[] = [];
  const code = sender.code ?? talkingCode;
  const pace = 20_000 / (1 + (sender.driftPpm ?? 0) / 1e6);
  let duplicated = 0;
  let sent = 0;
  for (let n = 0; n < sender.packets; n++) {
    if (sender.silent?.(n) === true) continue;
    const sequence = ((sender.firstSequence ?? 0) + sent++) & 0xffff;
    // The first and last packets always arrive: of losses beyond them no receiver can know.
    if (n > 0 && n < sender.packets - 1 && random() < (sender.loss ?? 0)) {
      lost[n] = 1;
      continue;
    }
    const sentUs = (sender.startMs ?? 0) * 1000 + (n + 1) * pace;
    const packet: CapturedRtp = {
      kind: 'rtp',
      stream: sender.stream,
      arrivalUs: Math.round(sentUs + random() * (sender.jitterMs ?? 0) * 1000),
      payloadType: sender.payloadType ?? 0,
      sequence,
      timestamp: ((sender.firstTimestamp ?? 0) + n * PACKET) >>> 0,
      ssrc: sender.ssrc,
      marker: n === 0,
      bytes: payloadOf(n, code),
      from: 0,
      to: PACKET,
    };
    packets.push(packet);
    if (random() < (sender.duplicates ?? 0)) {
      packets.push({ ...packet, arrivalUs: packet.arrivalUs + Math.round(random() * 40_000) });
      duplicated++;
    }
  }
  return { packets: packets.sort((a, b) => a.arrivalUs - b.arrivalUs), lost, duplicated };
}

/** Several streams as one call's capture. */
export function captureOf(...streams: readonly (readonly Captured[])[]): CaptureSource {
  const all = streams.flat().sort((a, b) => a.arrivalUs - b.arrivalUs);
  return { packets: () => all };
}
