import { VirtualClock } from '../base/clock.ts';
import { EarshotError } from '../base/errors.ts';
import { silentLog } from '../base/log.ts';
import type { SessionFacts, SessionOpening, StreamFacts } from '../intake/types.ts';
import type { JournalEntry } from '../link/journal.ts';
import type { PolicySettings } from '../policy/types.ts';
import { ConversationIndex } from './conversations.ts';
import type { CapturePort, JournalPort, PortPoolPort, StreamFigures } from './ports.ts';
import { Recorder } from './recorder.ts';

/** A recorder on a clock turned by hand, with a journal and a capture that remember what they were told. For unit tests. */
export class TestBench {
  readonly clock = new VirtualClock();
  readonly entries: JournalEntry[] = [];
  readonly captured = new Map<
    string,
    { keep: boolean; digits: boolean; isVoid: boolean; epoch: number; streams: readonly { rtpPort: number }[] }
  >();
  readonly streamFigures = new Map<string, StreamFigures[]>();
  readonly hungUp: string[] = [];
  readonly alarms = new Map<string, string>();
  readonly taken = new Set<number>();
  readonly conversations = new ConversationIndex(this.clock);
  refusal: EarshotError | null = null;
  #ids = 0;

  readonly journal: JournalPort = {
    append: (entry) => {
      this.entries.push(entry);
      return Promise.resolve();
    },
    appendLazy: (entry) => void this.entries.push(entry),
  };

  readonly capture: CapturePort = {
    open: (call, streams) => {
      this.captured.set(call.callId, { ...call, isVoid: false, streams });
      return Promise.resolve();
    },
    update: (callId, streams) => {
      this.captured.set(callId, { ...this.captured.get(callId)!, streams });
      return Promise.resolve();
    },
    keep: (callId, terms) => {
      this.captured.set(callId, { ...this.captured.get(callId)!, ...terms });
      return Promise.resolve();
    },
    note: () => undefined,
    close: (callId) => {
      this.captured.delete(callId);
      return Promise.resolve({ segments: ['segment'], lastSequence: 3 });
    },
    // As the capture does of which it knows nothing.
    discard: (callId) =>
      this.captured.delete(callId)
        ? Promise.resolve()
        : Promise.reject(new EarshotError('NOT_FOUND', 'this call is not captured.')),
    figures: (callId) => this.streamFigures.get(callId) ?? [],
  };

  readonly pool: PortPoolPort = {
    take: (streams) => {
      const free = Array.from({ length: 8 }, (_, pair) => 10_000 + 2 * pair).filter((port) => !this.taken.has(port));
      if (free.length < streams) throw new EarshotError('PORTS_EXHAUSTED', 'no ports are left.');
      const pairs = free.slice(0, streams).map((rtpPort) => ({ rtpPort, rtcpPort: rtpPort + 1 }));
      this.pool.claim(pairs);
      return pairs;
    },
    claim: (ports) => ports.forEach(({ rtpPort }) => this.taken.add(rtpPort)),
    release: (ports) => ports.forEach(({ rtpPort }) => this.taken.delete(rtpPort)),
  };

  readonly log = silentLog;
  readonly bootId = 'boot';

  recorder(settings: PolicySettings | null = recordAll(1, true), maxCalls = 100): Recorder {
    return new Recorder(
      {
        clock: this.clock,
        random: () => {
          const bytes = Buffer.alloc(16);
          bytes.writeUInt32BE((this.#ids += 1), 12);
          return bytes;
        },
        log: this.log,
        bootId: this.bootId,
        journal: this.journal,
        capture: this.capture,
        pool: this.pool,
        conversations: this.conversations,
        maxCalls,
        refusal: () => this.refusal,
        onChange: () => undefined,
        alarm: (code, text) => void (text === null ? this.alarms.delete(code) : this.alarms.set(code, text)),
      },
      settings,
    );
  }

  opening(sessionId: string, facts: SessionFacts = sessionFacts()): SessionOpening {
    return {
      protocol: 'siprec',
      sessionId,
      facts,
      mediaRanges: [],
      control: { hangUp: (reason) => this.hungUp.push(reason) },
    };
  }

  kinds(): string[] {
    return this.entries.map((entry) => entry.kind);
  }
}

export function recordAll(version: number, on: boolean): PolicySettings {
  const rule = { id: 'all', description: 'Record all calls', isOn: on, mode: 'automatic', scope: 'call' } as const;
  return { version, accounts: [{ id: 'main', name: 'Main', rules: [rule] }] };
}

export function streamFacts(index: number, change: Partial<StreamFacts> = {}): StreamFacts {
  return {
    index,
    label: String(index + 1),
    speakers: [],
    codecs: [
      { payloadType: 0, name: 'PCMU', clockRate: 8000, channels: 1 },
      { payloadType: 101, name: 'TELEPHONE-EVENT', clockRate: 8000, channels: 1 },
    ],
    sourceAddress: '127.0.0.1',
    sourcePort: 4000 + index,
    rtcpMux: false,
    state: 'active',
    ...change,
  };
}

export function sessionFacts(
  streams: StreamFacts[] = [streamFacts(0), streamFacts(1)],
  joinKeys: string[] = [],
): SessionFacts {
  return {
    call: {
      trunk: 'sbc',
      parties: [
        { id: 'a', number: '100' },
        { id: 'b', number: '200' },
      ],
      direction: 'UNKNOWN',
      vendorIds: {},
    },
    streams,
    warnings: [],
    joinKeys,
  };
}
