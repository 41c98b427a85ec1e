import { describe, expect, it } from 'vitest';
import { JournalFold } from './fold.ts';
import type { Asker, JournalEntry, RecordingStep } from './journal.ts';
import { pauseInForce } from './recordings.ts';

const ALICE: Asker = { kind: 'user', id: 'u1', name: 'Alice', userId: 'alice', via: 'web' };
const POLICY: Asker = { kind: 'policy', id: null, name: 'Policy', via: 'policy' };

function fold(...steps: readonly (readonly [mono: number, step: RecordingStep])[]) {
  const journal = new JournalFold();
  const call = journal.apply({
    kind: 'opened',
    callId: 'c',
    n: 1,
    at: 0,
    mono: 0,
    protocol: 'siprec',
    sessionId: 's',
    openedMono: 0,
    conversationId: 'c',
    mediaRanges: [],
    bootId: 'boot',
    facts: { trunk: 'sbc', parties: [], direction: 'UNKNOWN', vendorIds: {} },
    decision: { verdict: 'record', accountId: 'main', settingsVersion: 1, layers: [] },
    streams: [],
    warnings: [],
    joinKeys: [],
  })!;
  steps.forEach(([mono, step], at) => {
    const entry: JournalEntry = { kind: 'recording', callId: 'c', n: 2 + at, at: mono, mono, step };
    journal.apply(entry);
    // Entries come again when the journal moves to a new file.
    journal.apply(entry);
  });
  return call;
}

describe('the recordings of a call', () => {
  it('are none in a journal that has no such entries', () => {
    expect(fold()).toMatchObject({ recordings: [], pauses: [], destroyedUntil: null });
  });

  it('begin when their entry says, or at the time that it names', () => {
    const call = fold(
      [5, { do: 'begun', recording: 1, by: 'policy', asker: POLICY, fromMono: 0 }],
      [900, { do: 'begun', recording: 2, by: 'hand', asker: ALICE }],
      [1900, { do: 'ended', recording: 2, reason: 'stopped', asker: ALICE }],
    );
    expect(call.recordings).toMatchObject([
      { recording: 1, by: 'policy', fromMono: 0, toMono: null, endReason: null },
      { recording: 2, by: 'hand', asker: ALICE, fromMono: 900, toMono: 1900, endReason: 'stopped', kept: null },
    ]);
  });

  it('of policy go on under their number, with a blank between two spans', () => {
    const call = fold(
      [0, { do: 'begun', recording: 1, by: 'policy', asker: POLICY }],
      [1000, { do: 'ended', recording: 1, reason: 'parties', asker: POLICY }],
      [3000, { do: 'begun', recording: 1, by: 'policy', asker: POLICY }],
    );
    const spans = [
      { fromMono: 0, toMono: 1000 },
      { fromMono: 3000, toMono: null },
    ];
    expect(call.recordings).toMatchObject([{ fromMono: 0, toMono: null, endReason: null, spans }]);
  });

  it('of live-keep are kept or dropped, others are not', () => {
    const held = [0, { do: 'begun', recording: 1, by: 'live-keep', asker: POLICY, keepMinutes: 60 }] as const;
    const byHand = [10, { do: 'begun', recording: 2, by: 'hand', asker: ALICE }] as const;
    expect(fold(held, byHand).recordings.map(({ kept }) => kept)).toEqual([null, null]);
    expect(fold(held, byHand, [20, { do: 'kept', asker: ALICE }]).recordings.map(({ kept }) => kept)).toEqual([
      true,
      null,
    ]);
    expect(fold(held, [20, { do: 'dropped', asker: ALICE }]).recordings[0]).toMatchObject({
      kept: false,
      keepMinutes: 60,
    });
  });

  it('know what was destroyed, and what commands laid over the facts', () => {
    const call = fold(
      [7, { do: 'override', value: 'deny', asker: ALICE }],
      [8, { do: 'destroyed', asker: ALICE }],
      [9, { do: 'flow', step: 'start', name: 'sales', asker: ALICE }],
    );
    expect(call).toMatchObject({
      destroyedUntil: 8,
      commanded: { override: 'deny', flow: { step: 'start', name: 'sales' } },
    });
  });
});

describe('pauses', () => {
  const pause = (reason: string): RecordingStep => ({ do: 'paused', mode: 'cut', reason, asker: ALICE });

  it('are in force until resumed; a second one changes nothing', () => {
    const call = fold([100, pause('card')], [200, pause('again')]);
    expect(pauseInForce(call)).toMatchObject({ fromMono: 100, toMono: null, reason: 'card', endedBy: null });
    expect(call.pauses).toHaveLength(1);
  });

  it('end with who resumed', () => {
    const call = fold(
      [100, pause('card')],
      [300, { do: 'resumed', asker: POLICY }],
      [400, { do: 'resumed', asker: ALICE }],
    );
    expect(pauseInForce(call)).toBeNull();
    expect(call.pauses).toMatchObject([{ fromMono: 100, toMono: 300, asker: ALICE, endedBy: POLICY }]);
  });
});
