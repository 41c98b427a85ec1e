import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { silentLog } from '../../base/log.ts';
import { DEFAULT_TRUNK, readTrunks, type TrunkConfig } from '../../base/trunks.ts';
import { saveDurably } from '../../recording/settings-file.ts';
import { TrunkBook } from './trunk-book.ts';

function book(fromFile: readonly TrunkConfig[], path = join(mkdtempSync(join(tmpdir(), 'earshot-trunks-')), 't.json')) {
  const alarms = new Map<string, string | null>();
  const alarm = (code: string, text: string | null) => void alarms.set(code, text);
  const trunks = new TrunkBook({ fromFile, clientCa: null, path, save: saveDurably, log: silentLog, alarm });
  const nameOf = (address: string) =>
    trunks.find({ address, port: 5060, transport: 'udp', tlsNames: [] } as never)?.name;
  return { trunks, nameOf, alarms, path };
}

const sbc = { name: 'sbc', addresses: ['10.0.0.0/8'] };

describe('trunks made while it runs', () => {
  it('are asked before the one that takes every private address, which stays', () => {
    const { trunks, nameOf } = book([DEFAULT_TRUNK]);
    trunks.take([sbc]);
    expect([nameOf('10.1.2.3'), nameOf('192.168.0.1'), nameOf('192.0.2.1')]).toEqual(['sbc', 'default', undefined]);
  });

  it('do not take the place of those of the settings file', () => {
    const { trunks, nameOf } = book(readTrunks([{ name: 'sbc', addresses: ['192.0.2.0/24'] }]));
    trunks.take([sbc, { name: 'pbx', addresses: ['192.0.2.0/24', '198.51.100.7'] }]);
    expect([nameOf('192.0.2.1'), nameOf('10.1.2.3'), nameOf('198.51.100.7')]).toEqual(['sbc', undefined, 'pbx']);
  });

  it('are known to the next recorder before the service is there', () => {
    const { trunks, path } = book([]);
    trunks.take([sbc]);
    expect(book([], path).nameOf('10.1.2.3')).toBe('sbc');
  });

  it('that cannot be read change nothing, and raise an alarm until good ones come', () => {
    const { trunks, nameOf, alarms } = book([]);
    trunks.take([sbc]);
    trunks.take([{ name: 'sbc', addresses: ['10.0.0.0/99'] }]);
    expect(nameOf('10.1.2.3')).toBe('sbc');
    expect(alarms.get('trunks-unreadable')).toContain('10.0.0.0/99');
    trunks.take([]);
    expect(nameOf('10.1.2.3')).toBeUndefined();
    expect(alarms.get('trunks-unreadable')).toBeNull();
  });

  it('a file that is damaged raises the alarm and is written anew', () => {
    const path = join(mkdtempSync(join(tmpdir(), 'earshot-trunks-')), 't.json');
    writeFileSync(path, '[{"name":');
    const { trunks, nameOf, alarms } = book([], path);
    expect(alarms.get('trunks-unreadable')).toBeDefined();
    trunks.take([sbc]);
    expect([nameOf('10.1.2.3'), book([], path).nameOf('10.1.2.3')]).toEqual(['sbc', 'sbc']);
  });
});
