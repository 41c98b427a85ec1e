import { describe, expect, it } from 'vitest';
import type { JournalEntry } from '../link/journal.ts';
import { SpineJournal, stillNeeded } from './spine-journal.ts';

const dialog = (callId: string, n: number): JournalEntry => ({
  kind: 'dialog',
  callId,
  n,
  at: 0,
  mono: 0,
  sessionId: 's',
  state: n,
});
const archived = (callId: string, n: number): JournalEntry => ({ kind: 'archived', callId, n, at: 0, mono: 0 });
const node: JournalEntry = { kind: 'node', at: 0, nodeId: 'n', pid: 1, version: '0' };
const shown = (entries: readonly JournalEntry[]) =>
  entries.map((entry) => (entry.kind === 'node' ? 'node' : `${entry.callId}${entry.n}`));

describe('what a moved journal still needs', () => {
  it('drops done calls, repeated entries and all but the last saved dialog', () => {
    const entries = [
      node,
      dialog('a', 1),
      dialog('a', 2),
      archived('b', 1),
      dialog('a', 2),
      dialog('c', 1),
      archived('c', 2),
    ];
    expect(shown(stillNeeded(entries, new Set(['a', 'c']), () => false))).toEqual(['a2', 'c1', 'c2']);
  });

  it('remembers that a call was archived, and no more of it, while the audio log may hold records of it', () => {
    const entries = [dialog('a', 1), archived('a', 2), dialog('b', 1), archived('b', 2)];
    expect(shown(stillNeeded(entries, new Set(), (callId) => callId === 'a'))).toEqual(['a2']);
  });
});

describe('moving the journal while calls go on', () => {
  it('takes along what is appended between reading and moving, and what was queued before', async () => {
    const disk: JournalEntry[] = [];
    const queue: JournalEntry[] = [];
    let moved: readonly JournalEntry[] = [];
    const journal = new SpineJournal({
      append: (entry) => {
        disk.push(...queue.splice(0), entry);
        return Promise.resolve();
      },
      appendLazy: (entry) => void queue.push(entry),
      compact: (live) => {
        moved = live;
        return Promise.resolve();
      },
    });
    journal.appendLazy(archived('before', 1));
    await journal.move({
      read: async () => {
        const read = [...disk];
        await journal.append(archived('during', 1));
        journal.appendLazy(archived('during', 2));
        return read;
      },
      kept: () => new Set(['before', 'during']),
      isDone: () => false,
      nodeEntry: () => node,
    });
    expect(shown(moved)).toEqual(['node', 'before1', 'during1', 'during2']);
  });
});
