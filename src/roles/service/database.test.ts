import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../base/clock.ts';
import { loadConfig } from '../../base/config.ts';
import { silentLog } from '../../base/log.ts';
import { openCatalogue, rememberDatabase } from './database.ts';

/** Nothing listens on port 1. */
const NOBODY = 'postgres://earshot:secret@127.0.0.1:1/earshot';

describe('a database that does not answer', () => {
  let dataDir: string;
  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), 'earshot-database-'));
    mkdirSync(join(dataDir, 'run'));
  });
  afterEach(() => rmSync(dataDir, { recursive: true }));

  const open = (url = NOBODY) =>
    openCatalogue(loadConfig({ EARSHOT_DATA: dataDir, DATABASE_URL: url }, dataDir), systemClock(), silentLog);

  it('and never did is a wrong setting', async () => {
    await expect(open()).rejects.toMatchObject({ code: 'CONFIG_INVALID', key: 'DATABASE_URL' });
  });

  it('and did before is waited for, also with a new password', async () => {
    rememberDatabase(dataDir, NOBODY);
    await expect(open()).rejects.toMatchObject({ code: 'DATABASE_UNREACHABLE' });
    await expect(open(NOBODY.replace('secret', 'changed'))).rejects.toMatchObject({ code: 'DATABASE_UNREACHABLE' });
  });

  it('is a wrong setting where another one did before', async () => {
    rememberDatabase(dataDir, NOBODY);
    await expect(open(NOBODY.replace('/earshot', '/other'))).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
  });
});
