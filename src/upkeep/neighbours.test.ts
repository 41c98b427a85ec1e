import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { VirtualClock } from '../base/clock.ts';
import { silentLog } from '../base/log.ts';
import { MAIN_ACCOUNT } from '../catalogue/catalogue.ts';
import { openTestCatalogue, recordingInput, type TestCatalogue } from '../catalogue/testing.ts';
import { FileStore } from '../vault/file-store.ts';
import { objectKey } from '../vault/layout.ts';
import { ledgerPath } from '../vault/ledger.ts';
import { manifestKey } from '../vault/manifest.ts';
import { testVault } from '../vault/testing.ts';
import type { Vault } from '../vault/vault.ts';
import { deleteDue } from './retention.ts';

let test: TestCatalogue;
let vault: Vault;
beforeAll(async () => {
  test = await openTestCatalogue();
  vault = await testVault(await FileStore.open(join(test.dataDir, 'vault')), ledgerPath(test.dataDir, 'node-1'));
}, 60_000);
afterAll(async () => {
  await vault.close();
  await test.close();
});

it('retention empties catalogue and vault of what is due, with PostgreSQL', async () => {
  const { catalogue } = test;
  const now = Date.UTC(2026, 5, 1);
  const retain = [new Date(now - 1), new Date(now + 60_000), null];
  const inputs = retain.map((retainUntil) => {
    const input = recordingInput({ retainUntil });
    return { ...input, objectKey: objectKey(input.startedAt.getTime(), input.id, 'a', 'wav') };
  });
  for (const input of inputs) {
    await catalogue.insertRecording(input);
    await vault.store.createIfAbsent(input.objectKey, Buffer.of(1));
    await vault.store.createIfAbsent(manifestKey(input.id), Buffer.of(2));
  }
  const parts = { vault, catalogue, clock: new VirtualClock(now), log: silentLog };
  expect(await deleteDue(parts)).toBe(1);
  expect(await deleteDue(parts)).toBe(0);
  const [gone, ...kept] = inputs;
  expect(await catalogue.getRecording({ accountIds: [MAIN_ACCOUNT] }, gone!.id)).toBeNull();
  const tombstones = await catalogue.listTombstones({ accountIds: [MAIN_ACCOUNT] });
  expect(tombstones.items).toMatchObject([
    { id: gone!.id, actor: 'retention', reason: 'retention', recordId: gone!.recordId },
  ]);
  expect(tombstones.items[0]?.cleanedAt).not.toBeNull();
  const keys = (await Array.fromAsync(vault.store.list('')))
    .map(({ key }) => key)
    .filter((key) => !key.startsWith('ledger/'));
  const expected = kept.flatMap((input) => [input.objectKey, manifestKey(input.id)]);
  expect(keys.toSorted()).toEqual([...expected, `tombstones/${gone!.id}.json`].toSorted());
});
