import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { silentLog } from '../base/log.ts';
import { Catalogue, MAIN_ACCOUNT } from './catalogue.ts';
import type { RecordingFilter } from './recordings.ts';
import { openTestCatalogue, party, recordingInput, type TestCatalogue } from './testing.ts';
import type { RecordingInput } from './types.ts';

let test: TestCatalogue;
let catalogue: Catalogue;
const accountIds = [MAIN_ACCOUNT];

const at = (minute: number): Date => new Date(Date.UTC(2026, 2, 1, 9, minute));
const samples: Record<string, Partial<RecordingInput>> = {
  mueller: {
    startedAt: at(1),
    direction: 'IN',
    parties: [party(0, 'Jörg Müller', '+49 30 5550100'), party(1, 'Bob', '101')],
  },
  obrien: {
    startedAt: at(2),
    direction: 'OUT',
    parties: [party(0, "Ann O'Brien", '102'), party(1, null, '0015550177')],
  },
  anna: { startedAt: at(3), direction: 'INTERNAL', parties: [party(0, 'Анна', '103'), party(1, '田中', '104')] },
  long: { startedAt: at(4), durationMs: 3_600_000, parties: [party(0, 'Carol', 'carol'), party(1, null, null)] },
  aor: {
    startedAt: at(5),
    trunk: 'branch',
    parties: [{ ...party(0, null, null), aor: 'sip:dave.smith@pbx.example.com' }, party(1, 'Bob', '101')],
  },
};
const nameOf = new Map<string, string>();

beforeAll(async () => {
  test = await openTestCatalogue();
  catalogue = test.catalogue;
  for (const [name, change] of Object.entries(samples)) {
    const input = recordingInput(change);
    nameOf.set(input.id, name);
    await catalogue.insertRecording(input);
  }
}, 60_000);
afterAll(async () => test.close());

async function find(filter: Partial<RecordingFilter>): Promise<string[]> {
  const page = await catalogue.listRecordings({ accountIds, ...filter });
  return page.items.map((row) => nameOf.get(row.id) ?? row.id);
}

describe('search', () => {
  it.each([
    ['muller', ['mueller'], 'without accents'],
    ['MÜLLER jörg', ['mueller'], 'in any case and order'],
    ["o'brien", ['obrien'], 'with punctuation'],
    ['rien', ['obrien'], 'inside of words'],
    ['анн', ['anna'], 'in Cyrillic'],
    ['田中', ['anna'], 'in two Han characters'],
    ['an', ['obrien'], 'two letters: the beginning of a word'],
    ['c', ['long'], 'one letter: the beginning of a word'],
    ['smith', ['aor'], 'in the user part of an address'],
    ['example', [], 'not in the host part'],
    ['+49 30 555', ['mueller'], 'a number as it is written'],
    ['030 5550100', ['mueller'], 'a number with the national prefix'],
    ['1 555 0177', ['obrien'], 'a number signalled with 00'],
    ['bob 101', ['aor', 'mueller'], 'a name and a number'],
    ['%', ['aor', 'long', 'anna', 'obrien', 'mueller'], 'nothing to search for: all'],
    ['100%_\\', ['mueller'], 'what is special to LIKE is not'],
  ])('finds %j in %j (%s)', async (text, expected) => {
    expect(await find({ text })).toEqual(expected);
  });

  it('tells the end of a number from its middle', async () => {
    expect(await find({ numberSuffix: '0100' })).toEqual(['mueller']);
    expect(await find({ numberSuffix: '010' })).toEqual([]);
    expect(await find({ number: '5550' })).toEqual(['obrien', 'mueller']);
    expect(await find({ number: 'abc' })).toEqual([]);
  });
});

describe('filters', () => {
  it('by direction, time, duration and trunk', async () => {
    expect(await find({ direction: ['IN', 'OUT'], to: at(3) })).toEqual(['obrien', 'mueller']);
    expect(await find({ direction: [] })).toEqual([]);
    expect(await find({ from: at(2), to: at(4) })).toEqual(['anna', 'obrien']);
    expect(await find({ durationMinMs: 60_000 })).toEqual(['long']);
    expect(await find({ durationMaxMs: 9_999 })).toEqual([]);
    expect(await find({ trunk: 'branch' })).toEqual(['aor']);
  });

  it('counts up to a bound', async () => {
    expect(await catalogue.countRecordings({ accountIds })).toBe(5);
    expect(await catalogue.countRecordings({ accountIds }, 2)).toBe(2);
  });
});

describe('pages', () => {
  it('show every row once, newest first, also where many started in the same millisecond and others come in between', async () => {
    const startedAt = new Date('2025-01-01T00:00:00Z');
    const inputs = Array.from({ length: 23 }, () => recordingInput({ startedAt, trunk: 'paged' }));
    for (const input of inputs) await catalogue.insertRecording(input);
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await catalogue.listRecordings({ accountIds, trunk: 'paged' }, { cursor, limit: 5 });
      seen.push(...page.items.map((row) => row.id));
      cursor = page.next ?? undefined;
      await catalogue.insertRecording(recordingInput({ startedAt: new Date('2025-06-01T00:00:00Z'), trunk: 'paged' }));
    } while (cursor !== undefined);
    expect(seen).toEqual(
      inputs
        .map((input) => input.id)
        .sort()
        .reverse(),
    );
  });

  it.each(['', 'x', Buffer.from("1:a'b").toString('base64url'), '%00'])(
    'refuse the foreign cursor %j',
    async (cursor) => {
      await expect(catalogue.listRecordings({ accountIds }, { cursor })).rejects.toMatchObject({ code: 'BAD_REQUEST' });
    },
  );
});

describe('changes', () => {
  it('wake a watcher and come once, in order, also when an older transaction commits later', async () => {
    let mark = await catalogue.currentMark();
    const woken: (() => void)[] = [];
    const watch = catalogue.watch(() => woken.splice(0).forEach((resolve) => resolve()));
    const wake = (): Promise<void> => new Promise((resolve) => void woken.push(resolve));
    await wake();
    const late = recordingInput();
    const early = recordingInput();
    const gate = Promise.withResolvers<void>();
    const inside = Promise.withResolvers<void>();
    const slow = catalogue.insertRecording(late, () => {
      inside.resolve();
      return gate.promise;
    });
    await inside.promise;
    const next = wake();
    await catalogue.insertRecording(early);
    await next;
    const held = await catalogue.changesSince(mark);
    expect(held).toMatchObject({ changes: [], more: true });
    gate.resolve();
    await slow;
    const all = await catalogue.changesSince(mark);
    expect(all.changes.map((change) => change.subject)).toEqual([late.id, early.id]);
    mark = all.mark;
    expect(await catalogue.changesSince(mark)).toEqual({ changes: [], mark, more: false });
    await watch.close();
  });
});

describe('a database that cannot be used', () => {
  const open = (url: string): Promise<Catalogue> => Catalogue.open({ target: { kind: 'url', url }, log: silentLog });

  it('is named by DATABASE_URL in one line without its password', async () => {
    const refused = await open('postgres://me:geheim@127.0.0.1:1/x?sslpassword=geheim').catch(
      (error: unknown) => error,
    );
    expect(refused).toMatchObject({ code: 'DATABASE_UNREACHABLE', key: 'DATABASE_URL' });
    expect((refused as { line: string }).line).toMatch(
      /^DATABASE_UNREACHABLE DATABASE_URL: cannot use postgres:\/\/me@127.0.0.1:1\/x: /,
    );
    expect((refused as { line: string }).line).not.toContain('geheim');
  });

  it('is told from a wrong password and a missing database', async () => {
    const socket = encodeURIComponent(test.server.target.folder);
    const wrong = open(`postgres://earshot:wrong@/earshot?host=${socket}`);
    await expect(wrong).rejects.toMatchObject({ code: 'DATABASE_UNREACHABLE' });
    const password = encodeURIComponent(test.server.target.password);
    const missing = open(`postgres://earshot:${password}@/nothing?host=${socket}`);
    await expect(missing).rejects.toMatchObject({ code: 'DATABASE_UNREACHABLE' });
  });
});
