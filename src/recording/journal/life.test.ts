import fc from 'fast-check';
import { expect, it } from 'vitest';
import { VirtualClock } from '../../base/clock.ts';
import { silentLog } from '../../base/log.ts';
import type { JournalEntry } from '../../link/journal.ts';
import type { LogFiles } from '../log/files.ts';
import { failure, MemoryFiles } from '../log/memory-files.ts';
import { readJournal } from './reader.ts';
import { retireJournal } from './retire.ts';
import { type JournalTail, tailJournal } from './tail.ts';
import { JournalWriter } from './writer.ts';

/** Longer: `EARSHOT_FUZZ=20000`. */
const RUNS = Number(process.env['EARSHOT_FUZZ'] ?? 300);
const FOLDER = '/journal';
/** A few entries. */
const FILE_BYTES = 400;

type Entry = Exclude<JournalEntry, { kind: 'node' }>;

function entryOf(callId: string, n: number, of: 'opened' | 'dialog' | 'ended' | 'archived'): Entry {
  const mark = { kind: 'archived', callId, n, at: 0, mono: 0 } as const;
  if (of === 'archived') return mark;
  if (of === 'dialog') return { ...mark, kind: 'dialog', sessionId: 's', state: n };
  const end = { reason: 'bye', segments: [], epoch: 0, lastSequence: 0 } as const;
  if (of === 'ended') return { ...mark, kind: 'ended', ...end };
  // To the journal, an opening is an entry like others.
  return { ...mark, kind: 'resumed', epoch: 0, lastKnownAt: n } as unknown as Entry;
}

/** As the machine goes on: a call as it stands in the recorder. */
interface Call {
  n: number;
  /** What was promised to be on the disk: numbers, but for dialogs that another followed. */
  readonly promised: Map<number, boolean>;
}

type Step =
  | { readonly do: 'open' | 'change' | 'dialog' | 'archive'; readonly call: number; readonly isLazy: boolean }
  | { readonly do: 'retire' | 'forget' | 'read' | 'new-tail' }
  | { readonly do: 'fail'; readonly after: number; readonly room: number | null }
  | { readonly do: 'crash'; readonly after: number; readonly undone: number | 'kill' };

/** Recorder and service on one disk. */
class Life {
  files = new MemoryFiles();
  readonly clock = new VirtualClock();
  journal!: JournalWriter;
  tail!: JournalTail;
  /** What the present tail was told of each call. */
  told = new Map<string, number[]>();
  calls = new Map<string, Call>();
  done = new Set<string>();
  readonly problems: string[] = [];
  #opened = 0;
  #failIn = Infinity;
  #room: number | null = null;
  #crashIn = Infinity;
  #undone: number | 'kill' = 'kill';
  #left: MemoryFiles | null = null;
  readonly #turns: () => number;

  /** @param turns how long each trip to the disk takes, in turns of the event loop */
  constructor(turns: () => number) {
    this.#turns = turns;
  }

  async begin(): Promise<void> {
    const { files } = this;
    files.before = (call) => this.#before(call, files);
    this.journal = await JournalWriter.open({
      folder: FOLDER,
      files: this.files,
      clock: this.clock,
      log: silentLog,
      fileBytes: FILE_BYTES,
      index: (await readJournal(FOLDER, this.files)).index,
      onMoved: (file, offset) => this.tail?.moved(file, offset),
    });
    void this.journal.append({ kind: 'node', at: 0, nodeId: 'n', pid: 1, version: '1' }).catch(() => undefined);
  }

  async #before(call: string, files: MemoryFiles): Promise<void> {
    for (let turns = this.#turns(); turns > 0; turns--) await Promise.resolve();
    if (this.#left !== null || files !== this.files) throw failure('EDEAD');
    if (--this.#crashIn < 0) {
      this.#left = this.#undone === 'kill' ? this.files.afterKill() : this.files.afterPowerCut(this.#undone);
      throw failure('EDEAD');
    }
    if (--this.#failIn >= 0) return;
    if (this.#room === null) {
      this.#failIn = Infinity;
      throw failure('EIO');
    }
    if (call !== 'writev') return;
    this.#failIn = Infinity;
    this.files.room = this.#room;
    void Promise.resolve().then(() => (this.files.room = Infinity));
  }

  /** The service's side; other trips to the disk lie between its own. */
  startTail(): void {
    this.tail?.stop();
    const told = new Map<string, number[]>();
    this.told = told;
    const slow = async <T>(work: () => Promise<T>): Promise<T> => {
      for (let turns = this.#turns(); turns > 0; turns--) await Promise.resolve();
      return work();
    };
    const files: Pick<LogFiles, 'list' | 'openRead'> = {
      list: (folder) => slow(() => this.files.list(folder)),
      openRead: (path) => slow(() => this.files.openRead(path)),
    };
    this.tail = tailJournal(
      { folder: FOLDER, clock: this.clock, log: silentLog, files: files as LogFiles, pollMs: 1e9 },
      async (entry) => {
        for (let turns = 5 * this.#turns(); turns > 0; turns--) await Promise.resolve();
        if (entry.kind !== 'node') told.set(entry.callId, [...(told.get(entry.callId) ?? []), entry.n]);
      },
    );
    const { file, offset } = this.journal.position;
    if (file !== '') this.tail.moved(file, offset);
  }

  async take(step: Step): Promise<void> {
    switch (step.do) {
      case 'open':
        this.calls.set(`c${this.#opened}`, { n: 0, promised: new Map() });
        this.#append(`c${this.#opened++}`, 'opened', step.isLazy);
        break;
      case 'change':
      case 'dialog':
      case 'archive': {
        const callId = [...this.calls.keys()][step.call % Math.max(1, this.calls.size)];
        if (callId === undefined) break;
        if (step.do !== 'archive') this.#append(callId, step.do === 'dialog' ? 'dialog' : 'ended', step.isLazy);
        else {
          this.#append(callId, 'archived', true);
          this.calls.delete(callId);
          this.done.add(callId);
        }
        break;
      }
      case 'forget':
        this.done.clear();
        break;
      case 'retire':
        await this.#passing(
          retireJournal({
            folder: FOLDER,
            files: this.files,
            log: silentLog,
            journal: this.journal,
            unarchived: () => new Set(this.calls.keys()),
            isUnarchived: (callId) => this.calls.has(callId),
            isDone: (callId) => this.done.has(callId),
            isDamaged: false,
          }).catch(() => undefined),
        );
        break;
      case 'read':
        void this.tail.catchUp().catch(() => undefined);
        break;
      case 'new-tail':
        this.startTail();
        break;
      case 'fail':
        [this.#failIn, this.#room] = [step.after, step.room];
        break;
      case 'crash':
        [this.#crashIn, this.#undone] = [step.after, step.undone];
        break;
    }
    // The next one may come while the disk and the service are still at work.
    await this.settle(5 * this.#turns());
    if (this.#left !== null) await this.#rise(this.#left);
  }

  #append(callId: string, of: Parameters<typeof entryOf>[2], isLazy: boolean): void {
    const call = this.calls.get(callId)!;
    const entry = entryOf(callId, ++call.n, of);
    if (isLazy) this.journal.appendLazy(entry);
    else {
      const { files } = this;
      void this.journal.append(entry).then(
        () => {
          // What another trip to the disk still did when the machine had died, nobody was told.
          if (this.files === files && this.#left === null) call.promised.set(entry.n, of === 'dialog');
        },
        () => undefined,
      );
    }
  }

  async settle(turns = 30): Promise<void> {
    for (let turn = 0; turn < turns; turn++) await Promise.resolve();
  }

  /** Turns the clock until it is settled, or the machine is dead. */
  async #passing(work: Promise<unknown>): Promise<void> {
    const state = { isOver: false };
    void work.then(() => (state.isOver = true));
    for (let round = 0; round < 2000 && !state.isOver && this.#left === null; round++) {
      await this.settle();
      this.clock.advance(20);
    }
  }

  /** What a killed recorder or a power cut left is taken up. */
  async #rise(left: MemoryFiles): Promise<void> {
    const isKill = this.#undone === 'kill';
    // Nobody of the former life speaks any more.
    void this.journal.close().catch(() => undefined);
    await this.settle();
    this.files = left;
    [this.#left, this.#crashIn, this.#failIn] = [null, Infinity, Infinity];
    if (isKill) this.tail.recorderAway();
    else this.tail.stop();
    const found = await this.check();
    // What was lost is made anew under the same numbers; who is archived for good is so no more without his mark.
    this.done = new Set(
      [...found].filter(([, entries]) => entries.some(({ kind }) => kind === 'archived')).map(([id]) => id),
    );
    for (const [callId, call] of this.calls) call.n = found.get(callId)?.at(-1)?.n ?? 0;
    await this.begin();
    if (!isKill) this.startTail();
    await this.settle();
  }

  /** Of each call that is kept, all that was promised is there. */
  async check(): Promise<Map<string, Entry[]>> {
    const { entries } = await readJournal(FOLDER, this.files);
    const found = Map.groupBy(
      entries.filter((entry) => entry.kind !== 'node'),
      ({ callId }) => callId,
    );
    for (const [callId, { promised }] of this.calls) {
      const there = found.get(callId) ?? [];
      const numbers = there.map(({ n }) => n);
      this.#orders(callId, numbers);
      const dialogs = there.filter(({ kind }) => kind === 'dialog').map(({ n }) => n);
      for (const [n, isDialog] of promised) {
        if (isDialog ? !dialogs.some((later) => later >= n) : !numbers.includes(n))
          this.problems.push(`${callId}${n} is lost`);
      }
    }
    return found;
  }

  /** The tail knows all that the journal holds of each call that is kept, once and in order. */
  async #checkTail(): Promise<void> {
    const found = await this.check();
    await this.#passing(this.tail.catchUp());
    for (const callId of this.calls.keys()) {
      const told = this.told.get(callId) ?? [];
      this.#orders(callId, told);
      for (const { kind, n } of found.get(callId) ?? [])
        if (kind !== 'dialog' && !told.includes(n)) this.problems.push(`${callId}${n} was not told`);
    }
  }

  #orders(callId: string, numbers: readonly number[]): void {
    if (numbers.some((n, at) => n <= (numbers[at - 1] ?? 0)))
      this.problems.push(`${callId} comes as ${numbers.join()}`);
  }

  async end(): Promise<void> {
    await this.#passing(this.journal.flush().catch(() => undefined));
    // It may still make the next file then.
    await this.settle();
    if (this.#left !== null) await this.#rise(this.#left);
    this.#crashIn = Infinity;
    await this.#passing(this.journal.flush());
    await this.#checkTail();
    this.tail.stop();
  }
}

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('open' as const), call: fc.nat(9), isLazy: fc.boolean() }) },
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constantFrom('change' as const, 'dialog' as const),
      call: fc.nat(9),
      isLazy: fc.boolean(),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('archive' as const), call: fc.nat(9), isLazy: fc.constant(true) }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('retire' as const) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom('forget' as const, 'read' as const, 'new-tail' as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('fail' as const),
      after: fc.nat(12),
      room: fc.option(fc.nat(300)),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('crash' as const),
      after: fc.nat(25),
      undone: fc.oneof(fc.constant('kill' as const), fc.nat(4)),
    }),
  },
);

it('the journal keeps what it promised, and tells it once and in order, whatever becomes of recorder, service and disk', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 20, maxLength: 120, size: 'max' }),
      fc.infiniteStream(fc.nat(6)),
      async (steps, turns) => {
        const life = new Life(() => turns.next().value as number);
        await life.begin();
        await life.settle();
        life.startTail();
        for (const one of steps) await life.take(one);
        await life.end();
        expect(life.problems).toEqual([]);
      },
    ),
    { numRuns: RUNS },
  );
}, 60_000);
