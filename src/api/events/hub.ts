import type { Actor } from '../../access/actor.ts';
import type { LiveCall as Call } from '../../link/messages.ts';
import { messageOf } from '../../base/errors.ts';
import { opaqueId } from '../../base/ids.ts';
import { subjectOf } from '../calls/subject.ts';
import { liveCallOf } from '../calls/view.ts';
import type { ApiContext, CallsChange, FeedEvent } from '../context.ts';
import { summaryOf } from '../recordings/view.ts';
import { AlarmBell } from './alarm-bell.ts';
import type { LiveEvent } from './schema.ts';

/** An event as it is kept for those who come back. */
export interface HubEntry {
  readonly sequence: number;
  /** Value of `id:`; names this run of the server, so that ids of an earlier one are known as such. */
  readonly id: string;
  /** Whom it concerns; null: the installation. */
  readonly subject: Concern | null;
  readonly type: LiveEvent['type'];
  /** One line of JSON, as this reader may see it. */
  readonly data: (reader: Actor) => string;
}

interface Concern {
  readonly accountId: string;
  /** Users of the directory. */
  readonly userIds: readonly string[];
}

/** What is remembered of a running call: whom it has concerned until now, and what would make a change worth an event. */
interface KnownCall {
  readonly subject: Concern;
  readonly state: string;
}

interface Listener {
  /** Person, or token of nobody, that listens. */
  readonly who: string;
  readonly tell: (entry: HubEntry) => void;
  /** The hub closes: there will be no more. */
  readonly end: () => void;
}

/** How many events are remembered. */
const REMEMBERED = 1000;

/** So long after the last listener went he may come back for what he missed; for later ones nothing is read. */
const RESUME_MS = 60_000;

type HubContext = Pick<ApiContext, 'recordings' | 'calls' | 'feed' | 'platform' | 'clock' | 'log' | 'random'>;

/**
 * Brings together what rooms say: recordings that come and go, calls that start, change and end, alarms. Numbers the events, remembers the
 * last ones, and hands them to all who listen.
 */
export class EventHub {
  readonly #context: HubContext;
  readonly #run: string;
  readonly #listeners = new Set<Listener>();
  readonly #entries: HubEntry[] = [];
  readonly #stops: (() => void)[];
  #sequence = 0;
  #heardAt = Number.NEGATIVE_INFINITY;
  readonly #calls = new Map<string, KnownCall>();
  /** Rows are read one after the other, so that events keep their order. */
  #queue: Promise<void> = Promise.resolve();

  constructor(context: HubContext) {
    this.#context = context;
    this.#run = opaqueId(context.random).slice(0, 8);
    const bell = new AlarmBell(context, (event) => this.#tellAll(null, event));
    for (const call of context.calls.calls()) this.#calls.set(call.callId, knownOf(call, undefined));
    this.#stops = [
      context.feed.subscribe((event) => this.#enqueue(event)),
      context.calls.subscribe((change) => this.#compare(change)),
      () => bell.close(),
    ];
  }

  get listeners(): number {
    return this.#listeners.size;
  }

  listenersOf(who: string): number {
    return [...this.#listeners].filter((listener) => listener.who === who).length;
  }

  /** Tells `listener` of each event from now on; the result stops it. */
  subscribe(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => {
      if (this.#listeners.delete(listener)) this.#heardAt = this.#context.clock.mono();
    };
  }

  /** What came after the event of this id; null: not known any more. */
  since(id: string): readonly HubEntry[] | null {
    const match = /^([0-9a-z]{8})\.(\d{1,15})$/.exec(id);
    if (match === null || match[1] !== this.#run) return null;
    const after = Number(match[2]);
    const oldest = this.#entries[0]?.sequence ?? this.#sequence + 1;
    if (after < oldest - 1 || after > this.#sequence) return null;
    return this.#entries.filter((entry) => entry.sequence > after);
  }

  /** Id that stands for "all until now". */
  get position(): string {
    return `${this.#run}.${this.#sequence}`;
  }

  close(): void {
    for (const stop of this.#stops) stop();
    for (const listener of this.#listeners) listener.end();
  }

  /** The same for all whom it concerns. */
  #tellAll(subject: Concern | null, { type, data }: LiveEvent): void {
    const text = JSON.stringify(data);
    this.#publish(subject, type, () => text);
  }

  #publish(subject: Concern | null, type: LiveEvent['type'], data: HubEntry['data']): void {
    this.#sequence += 1;
    const entry = { sequence: this.#sequence, id: this.position, subject, type, data };
    this.#entries.push(entry);
    if (this.#entries.length > REMEMBERED) this.#entries.shift();
    for (const listener of this.#listeners) listener.tell(entry);
  }

  #enqueue(event: FeedEvent): void {
    this.#queue = this.#queue
      .then(() => this.#tell(event))
      .catch((error: unknown) => {
        this.#context.log.warn({ event: event.type, error: messageOf(error) }, 'an event could not be told');
      });
  }

  async #tell(event: FeedEvent): Promise<void> {
    if (event.type === 'recording.deleted') {
      const { id, accountId } = event;
      // Whom it concerned is gone with it: users find it gone when they load the list.
      this.#tellAll({ accountId, userIds: [] }, { type: 'recording.deleted', data: { id, accountId } });
      return;
    }
    if (!this.#isHeard) return this.#forget();
    const row = await this.#context.recordings.get(event.id);
    if (row !== undefined) this.#tellAll(row, { type: 'recording.created', data: summaryOf(row) });
  }

  get #isHeard(): boolean {
    return this.#listeners.size > 0 || this.#context.clock.mono() - this.#heardAt < RESUME_MS;
  }

  /** There was an event that is not told: who asks for what came since then learns that it is not known. */
  #forget(): void {
    this.#sequence += 1;
    this.#entries.length = 0;
  }

  /** Not all that the recorder tells anew is worth an event. */
  #compare({ calls, over }: CallsChange): void {
    for (const call of calls) {
      const was = this.#calls.get(call.callId);
      const known = knownOf(call, was);
      this.#calls.set(call.callId, known);
      if (was?.state === known.state) continue;
      const type = was === undefined ? 'call.started' : 'call.changed';
      this.#publish(known.subject, type, (reader) => JSON.stringify(liveCallOf(call, reader)));
    }
    for (const callId of over) {
      const known = this.#calls.get(callId);
      if (known === undefined) continue;
      this.#calls.delete(callId);
      const { subject } = known;
      this.#tellAll(subject, { type: 'call.ended', data: { callId, accountId: subject.accountId } });
    }
  }
}

/** Who was in the call once hears of it until its end. */
function knownOf(call: Call, before: KnownCall | undefined): KnownCall {
  const { accountId, userIds } = subjectOf(call);
  const known = before?.subject.accountId === accountId ? before.subject.userIds : [];
  return { subject: { accountId, userIds: [...new Set([...known, ...userIds])] }, state: stateOf(call) };
}

/** What makes a change worth an event: all but the counters. */
function stateOf(call: Call): string {
  const streams = call.streams.map(({ stream, label, speakers, codec, state }) => [
    stream,
    label,
    speakers,
    codec,
    state,
  ]);
  const { facts, decision, recordings, paused, liveKeep, warnings } = call;
  return JSON.stringify([facts, decision, recordings, paused, liveKeep, streams, warnings]);
}
