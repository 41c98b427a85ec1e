import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { newFile } from './new-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'earshot-new-file-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('a file for what comes out of the seal', () => {
  it('is for this user alone', async () => {
    const path = join(folder, 'new.wav');
    await (await newFile(path)).close();
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('never takes the place of another one', async () => {
    const path = join(folder, 'old.wav');
    writeFileSync(path, '');
    await expect(newFile(path)).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  it('is refused in one line where it cannot be', async () => {
    await expect(newFile(join(folder, 'nowhere', 'a.wav'))).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(newFile('/proc/earshot.wav')).rejects.toMatchObject({ code: expect.stringMatching(/^[A-Z_]+$/) });
  });
});
