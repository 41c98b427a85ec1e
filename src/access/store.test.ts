import { afterAll, beforeAll } from 'vitest';
import { openTestCatalogue, type TestCatalogue } from '../catalogue/testing.ts';
import { MemoryAccessStore } from './memory.ts';
import { sqlAccessStore } from './sql.ts';
import { accessStoreContract } from './store-contract.ts';
import type { AccessStore } from './store.ts';

const memory = new MemoryAccessStore();
accessStoreContract('the memory', () => memory);

let test: TestCatalogue;
let store: AccessStore;
beforeAll(async () => {
  test = await openTestCatalogue();
  store = sqlAccessStore(test.catalogue.db);
}, 60_000);
afterAll(() => test.close());
accessStoreContract('PostgreSQL', () => store);
