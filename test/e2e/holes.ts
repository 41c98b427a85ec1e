import { SILENCE } from './channel.ts';

const PACKET = 160;
/** So much of a packet is enough to know it by. */
const PART = 60;
const BESIDE = 8000;

export interface Hole {
  /** First packet that is missing, and how many. */
  readonly from: number;
  readonly count: number;
}

export interface Comparison {
  /** Packets that stand unchanged at their place. */
  readonly present: number;
  /** Runs of packets with silence in their place. */
  readonly holes: readonly Hole[];
  /** Packets that are there, in whole or in half, but less than a second beside their place: the sender was late for long, and its clock was followed. */
  readonly moved: number;
  /** Packets that are nothing of that: always a failure. */
  readonly wrong: number;
}

/** Compares a µ-law channel with the payload that was sent, packet by packet, each at its own place after the first one's. */
export function findHoles(channel: Buffer, payload: Buffer): Comparison {
  const at = channel.indexOf(payload.subarray(0, PACKET));
  const silence = Buffer.alloc(PACKET, SILENCE.mulaw);
  const holes: Hole[] = [];
  let present = 0;
  let moved = 0;
  let wrong = 0;
  for (let packet = 0; packet < payload.length / PACKET; packet += 1) {
    const found = channel.subarray(at + packet * PACKET, at + (packet + 1) * PACKET);
    const sent = payload.subarray(packet * PACKET, (packet + 1) * PACKET);
    if (found.equals(sent)) present += 1;
    else if (found.equals(silence)) extend(holes, packet);
    else if (isNear(channel, at + packet * PACKET, sent)) moved += 1;
    else wrong += 1;
  }
  return { present, holes, moved, wrong };
}

function isNear(channel: Buffer, at: number, sent: Buffer): boolean {
  const near = channel.subarray(Math.max(0, at - BESIDE), at + BESIDE);
  return near.includes(sent.subarray(0, PART)) || near.includes(sent.subarray(PACKET - PART));
}

function extend(holes: Hole[], packet: number): void {
  const last = holes.at(-1);
  if (last !== undefined && last.from + last.count === packet)
    holes[holes.length - 1] = { from: last.from, count: last.count + 1 };
  else holes.push({ from: packet, count: 1 });
}
