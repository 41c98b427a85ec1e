import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { silentLog } from '../base/log.ts';
import { SettingsFile } from './settings-file.ts';
import { recordAll } from './testing.ts';

const path = () => join(mkdtempSync(join(tmpdir(), 'earshot-settings-')), 'settings.json');

describe('the settings snapshot on disk', () => {
  it('comes back as it was saved', () => {
    const at = path();
    new SettingsFile(at, silentLog).save(recordAll(3, false));
    new SettingsFile(at, silentLog).save(recordAll(4, true));
    expect(new SettingsFile(at, silentLog).load()).toEqual(recordAll(4, true));
  });

  it.each([
    '',
    '{',
    '[]',
    'null',
    '{"version":"1","accounts":[]}',
    '{"version":1,"accounts":[{"id":1}]}',
    '{"version":1,"accounts":[null]}',
  ])('is none when it reads %j', (text) => {
    const at = path();
    writeFileSync(at, text);
    expect(new SettingsFile(at, silentLog).load()).toBeNull();
  });

  it('is none when there is no file', () => {
    expect(new SettingsFile(path(), silentLog).load()).toBeNull();
  });
});
