import { createHash } from 'node:crypto';
import { render } from '../audio/render.ts';
import { VirtualClock } from '../base/clock.ts';
import { opaqueId } from '../base/ids.ts';
import { silentLog } from '../base/log.ts';
import type { AuditInput } from '../catalogue/audit.ts';
import type { Tombstone } from '../catalogue/deletion.ts';
import type { HeldChoice, Holding } from '../catalogue/held.ts';
import type { CallInput, RecordingInput } from '../catalogue/types.ts';
import { type CallState, JournalFold } from '../link/fold.ts';
import type { Asker, JournalEntry, JournalStream, Opened, RecordingStep } from '../link/journal.ts';
import type { CallFacts, Decision } from '../policy/types.ts';
import { EntryGatherer, ENTRY_TYPES } from '../recording/log/entries.ts';
import type { LogItem, LogRecord, ReadCallOptions } from '../recording/log/reader.ts';
import type { Vault } from '../vault/vault.ts';
import type { ArchiveCatalogue, ArchiveParts, CallLog } from './types.ts';

export const T0 = Date.UTC(2026, 2, 1, 9);

export const facts: CallFacts = {
  trunk: 'sbc',
  direction: 'IN',
  parties: [
    { id: 'a', name: 'Alice', number: '+15550100', role: 'caller' },
    { id: 'b', name: 'Bob', number: '+15550101', role: 'callee' },
  ],
  vendorIds: { 'Call-ID': 'abc@example.com' },
};

export function decision(verdict: Decision['verdict'] = 'record'): Decision {
  return { verdict, accountId: verdict === 'hold' ? '' : 'main', settingsVersion: 1, layers: [] };
}

const PCMU = { payloadType: 0, name: 'PCMU', clockRate: 8000, channels: 1 };

export function stream(number: number, change: Partial<JournalStream> = {}): JournalStream {
  return {
    stream: number,
    index: number,
    sessionId: 's1',
    label: String(number + 1),
    speakers: [number === 0 ? 'a' : 'b'],
    codecs: [PCMU],
    state: 'active',
    rtpPort: 10_000 + 2 * number,
    rtcpPort: 10_001 + 2 * number,
    sourceAddress: '192.0.2.1',
    sourcePort: 4000,
    ...change,
  };
}

export interface CallChange {
  readonly callId?: string;
  readonly opened?: Partial<Opened>;
  /** Later states: ms after the opening, and what is new. */
  readonly changes?: readonly {
    readonly mono: number;
    readonly facts?: CallFacts;
    readonly decision?: Decision;
    readonly streams?: readonly JournalStream[];
  }[];
  /** Steps of recording: ms after the opening, and what was done. They come after the changes of the same moment. */
  readonly steps?: readonly (readonly [mono: number, step: RecordingStep])[];
  readonly endedAt?: number;
  readonly lastSequence?: number;
}

export const POLICY: Asker = { kind: 'policy', id: null, name: 'Policy', via: 'policy' };
export const ALICE: Asker = { kind: 'user', id: 'u1', name: 'Alice', userId: 'alice', via: 'web' };

/** A call of Alice and Bob that has ended, as the journal would tell it. */
export function endedCall(change: CallChange = {}): CallState {
  const callId = change.callId ?? opaqueId();
  const told = new Told(callId);
  const state = {
    facts,
    decision: decision(),
    streams: [stream(0), stream(1)],
    warnings: ['metadata was partly unreadable'],
    joinKeys: [],
  };
  const opened = { protocol: 'siprec', sessionId: 's1', openedMono: 0, conversationId: callId, mediaRanges: [] };
  told.tell(0, { kind: 'opened', bootId: 'b', ...opened, ...state, ...change.opened });
  const steps = [...(change.steps ?? [])];
  const takeSteps = (before: number): void => {
    while (steps.length > 0 && steps[0]![0] < before) {
      const [mono, step] = steps.shift()!;
      told.tell(mono, { kind: 'recording', step });
    }
  };
  for (const { mono, ...later } of change.changes ?? []) {
    takeSteps(mono);
    const events = [{ type: 'metadata' as const, text: 'changed' }];
    told.tell(mono, { kind: 'changed', sessionId: 's1', ...state, ...later, events, sessionEnded: false });
  }
  takeSteps(Number.POSITIVE_INFINITY);
  const end = { reason: 'bye', segments: [], lastSequence: change.lastSequence ?? 0 } as const;
  told.tell((change.endedAt ?? T0 + 2000) - T0, { kind: 'ended', ...end });
  return told.call;
}

type Entry = Exclude<JournalEntry, { kind: 'node' }>;
type WithoutTime<E> = E extends Entry ? Omit<E, 'callId' | 'n' | 'at' | 'mono'> : never;

/** A journal of one call. */
class Told {
  readonly #fold = new JournalFold();
  readonly #callId: string;
  #n = 0;

  constructor(callId: string) {
    this.#callId = callId;
  }

  tell(mono: number, entry: WithoutTime<Entry>): void {
    this.#n += 1;
    this.#fold.apply({ callId: this.#callId, n: this.#n, at: T0 + mono, mono, ...entry });
  }

  get call(): CallState {
    return this.#fold.calls.get(this.#callId)!;
  }
}

/** The sound of a stream: bytes that look like nothing else, so that they can be searched for. */
export function sound(streamNumber: number, packet: number): Buffer {
  const seed = createHash('sha512').update(`sound ${streamNumber} ${packet}`).digest();
  return Buffer.concat([seed, seed, seed.subarray(0, 32)]);
}

export interface Talk {
  /** Packets of 20 ms on each stream. */
  readonly packets: number;
  readonly streams?: readonly number[];
  readonly payloadType?: number;
}

/** The audio log of a call: records of 400 ms with the packets of all streams, then a SIP trace. */
export function recordsOf({ packets, streams = [0, 1], payloadType = 0 }: Talk): LogRecord[] {
  const records: LogRecord[] = [];
  const gatherer = new EntryGatherer();
  for (let first = 0; first < packets; first += 20) {
    gatherer.clear();
    for (let at = first; at < Math.min(packets, first + 20); at++) {
      for (const number of streams) {
        const us = (at + 1) * 20_000 + number;
        gatherer.add(ENTRY_TYPES.rtp, number, rtp(number, at, payloadType), us, us + 1);
      }
    }
    const body = Buffer.from(gatherer.body);
    records.push({ kind: 'packets', epoch: 0, sequence: records.length + 1, baseUs: gatherer.baseUs, body });
  }
  const note = (kind: 'trace' | 'metadata', text: string): LogRecord => ({
    kind,
    epoch: 0,
    sequence: records.length + 1,
    baseUs: 0,
    body: Buffer.from(text),
  });
  records.push(note('trace', 'INVITE sip:srs@192.0.2.9 SIP/2.0'));
  records.push(note('metadata', '<recording/>'));
  return records;
}

function rtp(streamNumber: number, packet: number, payloadType: number): Buffer {
  const head = Buffer.alloc(12);
  head[0] = 0x80;
  head[1] = payloadType;
  head.writeUInt16BE(packet & 0xffff, 2);
  head.writeUInt32BE(packet * 160, 4);
  head.writeUInt32BE(100 + streamNumber, 8);
  return Buffer.concat([head, sound(streamNumber, packet)]);
}

/** An audio log in memory. */
export class MemoryLog implements CallLog {
  readonly calls = new Map<string, readonly LogRecord[]>();

  async *readCall({ callId, last }: ReadCallOptions): AsyncGenerator<LogItem> {
    let sequence = 0;
    let afterUs: number | null = null;
    for (const record of this.calls.get(callId) ?? []) {
      if (record.sequence > sequence + 1) yield gap(sequence + 1, record.sequence - 1, afterUs, record.baseUs);
      yield record;
      sequence = record.sequence;
      afterUs = record.baseUs;
    }
    if (last !== undefined && last.sequence > sequence) yield gap(sequence + 1, last.sequence, afterUs, null);
  }
}

function gap(from: number, to: number, afterUs: number | null, beforeUs: number | null): LogItem {
  return { kind: 'gap', epoch: 0, from, to, afterUs, beforeUs };
}

/** A catalogue that holds what it is given, and says what the real one says. */
export class MemoryCatalogue implements ArchiveCatalogue {
  readonly rows = new Map<string, RecordingInput>();
  readonly calls = new Map<string, CallInput>();
  readonly audits: AuditInput[] = [];
  readonly holdings = new Map<string, Holding & { readonly accountId: string }>();
  readonly tombstones = new Map<string, Tombstone>();
  readonly deleted = new Set<string>();
  accounts: readonly string[] = ['main'];
  now = T0 + 10_000;
  floor = 0;
  #next = 0;

  async reserveRecordId(): Promise<number> {
    this.#next = Math.max(this.#next, this.floor) + 1;
    return this.#next;
  }

  async insertRecording(input: RecordingInput): Promise<'inserted' | 'existing' | 'deleted'> {
    if (this.deleted.has(input.id)) return 'deleted';
    this.calls.set(input.callId, input.call);
    if (this.rows.has(input.id)) return 'existing';
    this.rows.set(input.id, input);
    return 'inserted';
  }

  async recordCall(input: CallInput, audit: readonly AuditInput[] = []): Promise<void> {
    if (!this.calls.has(input.id)) this.audits.push(...audit);
    this.calls.set(input.id, input);
  }

  async accountExists(id: string): Promise<boolean> {
    return this.accounts.includes(id);
  }

  async ensureAccount(id: string): Promise<void> {
    this.accounts = [...new Set([...this.accounts, id])];
  }

  async insertTombstone(tombstone: Tombstone): Promise<boolean> {
    if (this.tombstones.has(tombstone.id)) return false;
    this.tombstones.set(tombstone.id, tombstone);
    return true;
  }

  async holdCall({ callId, accountId, until }: { callId: string; accountId: string; until: Date }): Promise<Holding> {
    const held = this.holdings.get(callId) ?? { accountId, until, choice: null, asker: null };
    this.holdings.set(callId, held);
    return held;
  }

  async chooseHeld({ callId, choice, asker }: HeldChoice): Promise<boolean> {
    const held = this.holdings.get(callId);
    if (held === undefined || held.choice !== null) return false;
    if (held.until.getTime() <= this.now !== (choice === 'expired')) return false;
    this.holdings.set(callId, { ...held, choice, asker });
    return true;
  }

  async holdingOf(callId: string): Promise<Holding | null> {
    return this.holdings.get(callId) ?? null;
  }

  async releaseHeld(callId: string, audit: readonly AuditInput[]): Promise<void> {
    if (this.holdings.get(callId)?.choice === null) this.audits.push(...audit);
    this.holdings.delete(callId);
  }

  async setRecordIdFloor(floor: number): Promise<void> {
    this.floor = Math.max(this.floor, floor);
  }
}

export function archiveParts(vault: Vault, change: Partial<ArchiveParts> = {}): ArchiveParts & { log: CallLog } {
  return {
    vault,
    log: new MemoryLog(),
    catalogue: new MemoryCatalogue(),
    render,
    nodeId: 'node-1',
    unassignedAccountId: 'unassigned',
    clock: new VirtualClock(T0 + 10_000),
    logger: silentLog,
    retainUntil: (endedAt) => endedAt + 90 * 86_400_000,
    decide: () => decision(),
    ...change,
  };
}
