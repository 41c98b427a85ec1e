import { EVENT, type PacketTable } from './packets.ts';
import { orderPackets, type Ordered } from './sequence.ts';

/** A sudden change of delay and of its lower envelope by more than this is a jump of the timestamp, not the network. */
const JUMP_US = 60_000;
/**
 * The same where too few packets are known on the later side: a sender or network that stalls at the very beginning or end of a call has had no
 * time to recover.
 */
const UNSURE_JUMP_US = 1_000_000;
/** So much of the look must be there to be sure. */
const SURE_LOOK_US = 1_000_000;
/** No network holds a packet this long: always a jump. */
const SURE_JUMP_US = 10_000_000;
/** Up to so many packets, and so much time, are looked at on either side of a suspected jump. */
const LOOK_PACKETS = 500;
const LOOK_US = 2_000_000;

/** A run of packets whose timestamps are on one line with their arrivals; `from` inclusive, `to` exclusive. */
export interface Segment {
  readonly from: number;
  readonly to: number;
}

/** The audio packets of one SSRC in the sender's order, on the sender's clock. */
export interface Source {
  readonly ssrc: number;
  readonly account: Ordered;
  /** Rows of the table. */
  readonly rows: Uint32Array;
  /** Sender's time of each packet's first sample, µs, unwrapped; its zero means nothing. */
  readonly timeUs: Float64Array;
  /** Arrival less the sender's time of the packet's end: clock offset plus transit, the least of which is the anchor. */
  readonly delayUs: Float64Array;
  readonly segments: readonly Segment[];
  readonly comfortNoise: number;
  readonly events: number;
}

/** The sources of a stream in the order of their first packets. */
export function sourcesOf(table: PacketTable): Source[] {
  return [...rowsBySsrc(table)].map(([ssrc, rows]) => buildSource(table, ssrc, rows));
}

function rowsBySsrc(table: PacketTable): Map<number, Uint32Array> {
  const counts = new Map<number, number>();
  for (let row = 0; row < table.count; row++) counts.set(table.ssrc[row]!, (counts.get(table.ssrc[row]!) ?? 0) + 1);
  const groups = new Map<number, Uint32Array>();
  for (const [ssrc, count] of counts) groups.set(ssrc, new Uint32Array(count));
  const filled = new Map<number, number>();
  for (let row = 0; row < table.count; row++) {
    const ssrc = table.ssrc[row]!;
    const at = filled.get(ssrc) ?? 0;
    groups.get(ssrc)![at] = row;
    filled.set(ssrc, at + 1);
  }
  return groups;
}

function buildSource(table: PacketTable, ssrc: number, arrived: Uint32Array): Source {
  const account = orderPackets(table, arrived);
  let events = 0;
  let comfortNoise = 0;
  const rows = account.rows.filter((row) => {
    if (table.codec[row] === EVENT || table.codecOf(row)?.name === 'TELEPHONE-EVENT') {
      events++;
      return false;
    }
    if (table.codecOf(row)?.coding !== 'silence') return true;
    comfortNoise++;
    return false;
  });
  const clock = senderClock(table, rows);
  return { ssrc, account, rows, ...clock, segments: cut(table, rows, clock), comfortNoise, events };
}

interface SenderClock {
  readonly timeUs: Float64Array;
  readonly delayUs: Float64Array;
}

function senderClock(table: PacketTable, rows: Uint32Array): SenderClock {
  const timeUs = new Float64Array(rows.length);
  const delayUs = new Float64Array(rows.length);
  let last = 0;
  let time = 0;
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i]!;
    const tick = 1e6 / (table.codecOf(row)?.rate ?? 8000);
    const timestamp = table.timestamp[row]!;
    if (i > 0) time += ((timestamp - last) | 0) * tick;
    last = timestamp;
    timeUs[i] = time;
    delayUs[i] = table.arrivalUs[row]! - time - table.samples[row]! * tick;
  }
  return { timeUs, delayUs };
}

function cut(table: PacketTable, rows: Uint32Array, { delayUs }: SenderClock): Segment[] {
  const segments: Segment[] = [];
  let from = 0;
  for (let i = 1; i < rows.length; i++) {
    const change = Math.abs(delayUs[i]! - delayUs[i - 1]!);
    const rateChanged =
      table.codec[rows[i]!] !== table.codec[rows[i - 1]!] && rateOf(table, rows[i]!) !== rateOf(table, rows[i - 1]!);
    if (!rateChanged && (change <= JUMP_US || !jumps(table, rows, delayUs, from, i))) continue;
    segments.push({ from, to: i });
    from = i;
  }
  if (from < rows.length) segments.push({ from, to: rows.length });
  return segments;
}

function rateOf(table: PacketTable, row: number): number {
  return table.codecOf(row)?.rate ?? 8000;
}

/** A stalled network recovers within the look-ahead, and then the envelopes agree; after a jump they do not. */
function jumps(table: PacketTable, rows: Uint32Array, delayUs: Float64Array, from: number, at: number): boolean {
  const before = look(table, rows, delayUs, at - 1, -1, from);
  if (Math.abs(delayUs[at]! - before.leastUs) > SURE_JUMP_US) return true;
  const after = look(table, rows, delayUs, at, 1, rows.length - 1);
  // Waiting only ever adds to the delay: the side with more of it is the one that may have stalled.
  const later = after.leastUs > before.leastUs ? after : before;
  return Math.abs(after.leastUs - before.leastUs) > (later.spanUs < SURE_LOOK_US ? UNSURE_JUMP_US : JUMP_US);
}

/** The least delay on one side of a suspected jump, and over how much time of arrival it was looked for. */
function look(table: PacketTable, rows: Uint32Array, delayUs: Float64Array, start: number, step: 1 | -1, end: number) {
  const arrival = table.arrivalUs[rows[start]!]!;
  let leastUs = Infinity;
  let spanUs = 0;
  for (let n = 0, i = start; n < LOOK_PACKETS && (end - i) * step >= 0; n++, i += step) {
    spanUs = Math.abs(table.arrivalUs[rows[i]!]! - arrival);
    if (n > 0 && spanUs > LOOK_US) break;
    leastUs = Math.min(leastUs, delayUs[i]!);
  }
  return { leastUs, spanUs };
}
